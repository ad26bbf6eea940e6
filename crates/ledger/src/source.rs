//! Why money was paid: the platform's words for it, and the few groups that a chart stacks.

/// Why a row was paid, in the platform's words. The ledger stores [`Source::as_str`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Commission on another creator's earnings.
    Affiliate,
    /// A sale in a fan app listed in the store.
    AppStore,
    /// Money taken back by the fan's bank. Negative.
    Chargeback,
    /// A sale through a checkout link.
    CheckoutLink,
    /// A paid experience.
    FanExperience,
    /// A reward paid by the platform.
    Giveaway,
    /// A media link sold outside a message.
    MediaLink,
    /// A message, pay-per-view included.
    Message,
    /// A paid post.
    Post,
    /// A reward for bringing someone to the platform.
    Referral,
    /// Money returned to the fan. Negative.
    Refund,
    /// The second or later payment of a subscription.
    Renewal,
    /// The first payment of a subscription.
    Subscription,
    /// A tip.
    Tip,
}

impl Source {
    /// All sources, in the order of their names.
    pub const ALL: [Self; 14] = [
        Self::Affiliate,
        Self::AppStore,
        Self::Chargeback,
        Self::CheckoutLink,
        Self::FanExperience,
        Self::Giveaway,
        Self::MediaLink,
        Self::Message,
        Self::Post,
        Self::Referral,
        Self::Refund,
        Self::Renewal,
        Self::Subscription,
        Self::Tip,
    ];

    /// The platform's name, which is also what the ledger stores.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Affiliate => "affiliate",
            Self::AppStore => "appStore",
            Self::Chargeback => "chargeback",
            Self::CheckoutLink => "checkoutLink",
            Self::FanExperience => "fanExperience",
            Self::Giveaway => "giveaway",
            Self::MediaLink => "mediaLink",
            Self::Message => "message",
            Self::Post => "post",
            Self::Referral => "referral",
            Self::Refund => "refund",
            Self::Renewal => "renewal",
            Self::Subscription => "subscription",
            Self::Tip => "tip",
        }
    }

    /// The source of that name, if it is a known one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }

    /// Whether rows of this source take earlier money back.
    #[must_use]
    pub fn is_reversal(self) -> bool {
        matches!(self, Self::Refund | Self::Chargeback)
    }

    /// Where a chart shows it. See [`Category`].
    #[must_use]
    pub fn category(self) -> Category {
        match self {
            Self::Subscription => Category::Subscriptions,
            Self::Renewal => Category::Renewals,
            Self::Tip => Category::Tips,
            Self::Message => Category::Messages,
            Self::Post => Category::Posts,
            Self::Referral | Self::Affiliate | Self::Giveaway => Category::Referrals,
            Self::Refund | Self::Chargeback => Category::Refunds,
            Self::AppStore | Self::CheckoutLink | Self::FanExperience | Self::MediaLink => {
                Category::Other
            }
        }
    }
}

/// The few groups a chart stacks. Every source belongs to exactly one, so the stack is the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// First payments of subscriptions.
    Subscriptions,
    /// Later payments of subscriptions.
    Renewals,
    /// Tips.
    Tips,
    /// Messages, pay-per-view included.
    Messages,
    /// Paid posts.
    Posts,
    /// Referrals, affiliate commissions and giveaways: rewards, not fan money.
    Referrals,
    /// Media links, checkout links, fan experiences, app store.
    Other,
    /// Refunds and chargebacks, negative.
    Refunds,
}

impl Category {
    /// All categories in the order in which a chart stacks them.
    pub const ALL: [Self; 8] = [
        Self::Subscriptions,
        Self::Renewals,
        Self::Messages,
        Self::Tips,
        Self::Posts,
        Self::Referrals,
        Self::Other,
        Self::Refunds,
    ];

    /// The name used in answers: the key of a chart point.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subscriptions => "subscriptions",
            Self::Renewals => "renewals",
            Self::Tips => "tips",
            Self::Messages => "messages",
            Self::Posts => "posts",
            Self::Referrals => "referrals",
            Self::Other => "other",
            Self::Refunds => "refunds",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_sources_are_one_to_one() {
        for source in Source::ALL {
            assert_eq!(Source::from_name(source.as_str()), Some(source));
        }
        assert_eq!(Source::from_name("all"), None);
    }
}
