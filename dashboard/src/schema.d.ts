// Made by `npm run client` of public/openapi.json: change that, not this.

export interface paths {
    "/api/analytics/dashboard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The figures of an agency or of one creator
         * @description Key figures, a chart, a breakdown by category and a card for each creator, all of the same days, and how fresh and complete they are. Ask again every minute with the `ETag`, or when `/api/analytics/live` tells of a change.
         */
        get: operations["getDashboard"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/analytics/export.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The same rows as a file
         * @description All rows of the question, of any number. One server writes two files at a time, of two agencies, and answers 503 to another; who takes nothing for a minute may lose theirs.
         */
        get: operations["exportTransactions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/analytics/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tells that there is something new to ask for
         * @description A stream of server-sent events. They say nothing but the revision: what is new is asked for at `/api/analytics/dashboard`.
         */
        get: operations["followRevision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/analytics/transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The rows behind a figure
         * @description Newest first, with all evidence that is kept of each. The rows of all pages and `provisional` of the first add up to the dashboard's total.
         */
        get: operations["listTransactions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/fanvue/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where Fanvue sends the browser back to
         * @description A page for the person who connects an account. Only the browser that opened the link can finish its login, once. Parameters that are not known are Fanvue's business.
         */
        get: operations["finishLogin"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/fanvue/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How connected accounts stand
         * @description Of every agency that the caller may see, or of one. Each says what it may not do, and the remedy.
         */
        get: operations["listConnections"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/fanvue/disconnect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ends a connection
         * @description For owners, admins and the operator. Erases the tokens; what is in the ledger stays, and connecting the account again goes on where it stopped.
         */
        post: operations["disconnectAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/fanvue/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A link that connects an account
         * @description For owners, admins and the operator. The link works for 30 minutes and holds a secret: give it to the account's owner alone. With a `ticket`, which needs no other proof, a browser is shown which agency will see what, and the way to Fanvue.
         */
        get: operations["beginLogin"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/fanvue/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Exchanges an account's tokens now
         * @description Tokens younger than a minute are left as they are.
         */
        post: operations["refreshConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cron/check-late-shifts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tells of shifts that nobody clocked in for
         * @description Of each shift that began more than ten minutes ago, once, in a message to the configured chat. Any number may run at once. What Telegram does not take is sent by a later call.
         */
        get: operations["checkLateShifts"];
        put?: never;
        /**
         * Tells of shifts that nobody clocked in for
         * @description Of each shift that began more than ten minutes ago, once, in a message to the configured chat. Any number may run at once. What Telegram does not take is sent by a later call.
         */
        post: operations["checkLateShiftsByPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cron/check-missed-posts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Calls posts missed, and tells of them
         * @description A content task whose time passed more than two hours ago becomes `missed` and is told of once, in a message to the configured chat. Any number may run at once. What Telegram does not take is sent by a later call.
         */
        get: operations["checkMissedPosts"];
        put?: never;
        /**
         * Calls posts missed, and tells of them
         * @description A content task whose time passed more than two hours ago becomes `missed` and is told of once, in a message to the configured chat. Any number may run at once. What Telegram does not take is sent by a later call.
         */
        post: operations["checkMissedPostsByPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cron/daily-refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Counts who follows and subscribes, and reads what else is due of audiences
         * @description Subscribers, followers, unread messages, posts and likes, changes of subscribers, top spenders and tracking links, each at its own time and failing alone: what is stored stays until a complete answer takes its place. Takes up to 180 seconds; a long list is gone on with by the next call.
         */
        get: operations["refreshAudience"];
        put?: never;
        /**
         * Counts who follows and subscribes, and reads what else is due of audiences
         * @description Subscribers, followers, unread messages, posts and likes, changes of subscribers, top spenders and tracking links, each at its own time and failing alone: what is stored stays until a complete answer takes its place. Takes up to 180 seconds; a long list is gone on with by the next call.
         */
        post: operations["refreshAudienceByPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cron/reconcile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Proves the figures, and repairs what differs
         * @description Compares all sums with the ledger, and each creator's last 35 days with Fanvue's totals, once a night; reads again what differs, and one whole history after the other. What it repairs has a receipt. Takes up to 210 seconds; the next call goes on.
         */
        get: operations["runProof"];
        put?: never;
        /**
         * Proves the figures, and repairs what differs
         * @description Compares all sums with the ledger, and each creator's last 35 days with Fanvue's totals, once a night; reads again what differs, and one whole history after the other. What it repairs has a receipt. Takes up to 210 seconds; the next call goes on.
         */
        post: operations["runProofByPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cron/revenue-heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Reads what is new of every connected creator
         * @description Takes up to 210 seconds. Any number may run at once: they share the work. A creator that fails or is throttled holds up no other and says so in the report.
         */
        get: operations["runHeartbeat"];
        put?: never;
        /**
         * Reads what is new of every connected creator
         * @description Takes up to 210 seconds. Any number may run at once: they share the work. A creator that fails or is throttled holds up no other and says so in the report.
         */
        post: operations["runHeartbeatByPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cron/sync-transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Works off what is due
         * @description Refreshes tokens whose time has come, adds creators who joined, goes on with unfinished histories and reads the creators that are due. Takes up to 210 seconds.
         */
        get: operations["runScheduler"];
        put?: never;
        /**
         * Works off what is due
         * @description Refreshes tokens whose time has come, adds creators who joined, goes on with unfinished histories and reads the creators that are due. Takes up to 210 seconds.
         */
        post: operations["runSchedulerByPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/fanvue/diagnose-revenue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Why what is shown is not what Fanvue says
         * @description For owners, admins, managers and the operator. Fanvue is asked now, with at most a hundred requests from the same budget as everybody's. Each part of a difference has one cause, named only with the figures that prove it, and the parts add up to the whole. Of days that Fanvue was not heard of nothing is claimed.
         */
        get: operations["diagnoseRevenue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/fanvue/force-sync-revenue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reads the whole history of a creator, or of all of an agency's, again
         * @description For owners, admins, managers and the operator. Rows that are there are recognised, so figures only gain what was missing; until it is done they are not called exact. A creator who was set aside is taken up again. Where the same is being read already, that job is answered.
         */
        post: operations["forceSync"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the service works
         * @description One word for anybody; the holder of `CRON_SECRET` is also told what the database says. Fanvue is not asked.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Numbers for a monitor
         * @description How old the streams are, what waits and what is left of the request limits. Every instance tells the same: all numbers come from the database.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sync/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The jobs of an agency that go on, and its newest
         * @description A page that was loaded again finds here what is running. A job of all carries no creators here, or the one of `modelId`; `/api/sync/jobs/{id}` tells them all. What the nightly proof reads is listed for the operator alone, after the others.
         */
        get: operations["listJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sync/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How a job stands
         * @description `percent` never falls. Counters are those of what is committed, so they equal what the figures gained.
         */
        get: operations["getJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sync/repairs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the nightly proof repaired, with its evidence
         * @description A receipt for each day of a creator whose rows it changed, and for each sum that it made anew.
         */
        get: operations["listRepairs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sync/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How reading stands: streams, connections, what is set aside, budgets, jobs
         * @description Of one agency. Fanvue is not asked.
         */
        get: operations["getSyncStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webhooks/fanvue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What Fanvue tells by itself
         * @description Any number of deliveries of an event count once. An event of an unknown kind is kept all the same; what it means is found out after the answer.
         */
        post: operations["receiveWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Whose figures they are. */
        Agency: {
            /**
             * Format: uuid
             * @description An agency: whose dashboard it is.
             */
            id: string;
            name: string;
        };
        /**
         * @description What became of an alert in a tick.
         *
         *     `sent`: Telegram took it.
         *
         *     `waiting`: It waits for another tick.
         *
         *     `failed`: It was given up.
         *
         *     `not_configured`: There is no chat that it could be sent to; it will not be sent later either.
         * @enum {string}
         */
        AlertOutcome: "sent" | "waiting" | "failed" | "not_configured";
        /** @description What became of one alert. */
        AlertReport: {
            /**
             * Format: uuid
             * @description The agency.
             */
            agencyId: string;
            /**
             * Format: date-time
             * @description When it should have begun or been posted.
             */
            dueAt: string;
            /** @description What became of it. */
            state: components["schemas"]["AlertOutcome"];
            /**
             * Format: uuid
             * @description The shift or the content task.
             */
            subjectId: string;
        };
        /** @description What a tick found, and what it told of it. */
        AlertsReport: {
            /** @description The alerts that this tick took up. */
            alerts: components["schemas"]["AlertReport"][];
            /**
             * Format: int64
             * @description Alerts that were no longer true before they could be sent.
             */
            dropped: number;
            /** @description Why something was not sent. */
            error?: string;
            /**
             * Format: int64
             * @description Alerts that were given up after too many attempts.
             */
            failed: number;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finishedAt: string;
            /**
             * Format: int64
             * @description Late shifts or missed posts that this tick found.
             */
            found: number;
            /**
             * Format: int64
             * @description Alerts that were noted and that nobody is told of, because no chat is configured.
             */
            notConfigured: number;
            /**
             * Format: int64
             * @description Seconds until another tick can do more, when something is unfinished.
             */
            retryAfterSeconds?: number;
            /**
             * Format: int64
             * @description Alerts that Telegram took.
             */
            sent: number;
            /**
             * Format: date-time
             * @description When it began.
             */
            startedAt: string;
            /**
             * Format: int64
             * @description Alerts that another tick can send, and one more where this tick could not take up all.
             */
            unfinished: number;
        };
        /** @description What a tick over the audiences did. */
        AudienceReport: {
            /**
             * Format: date-time
             * @description When it ended.
             */
            finishedAt: string;
            /**
             * Format: int64
             * @description Requests sent to the platform.
             */
            requests: number;
            /**
             * Format: int64
             * @description Seconds until then, when some are unfinished.
             */
            retryAfterSeconds?: number;
            /**
             * Format: date-time
             * @description When it began.
             */
            startedAt: string;
            /** @description Every stream that was due and that no other tick held. */
            streams: components["schemas"]["StreamReport"][];
            /**
             * Format: int64
             * @description Streams that another tick can go on with at once or after a pause.
             */
            unfinished: number;
        };
        /** @description One thing that is read of audiences, over all creators whose connection works. */
        AudienceStanding: {
            /** @description `subscribers`, `followers`, `unread`, `profile`, `changes`, `top_spenders` or `tracking_links`. */
            kind: string;
            /**
             * Format: date-time
             * @description As of when the oldest is true that was read and is not set aside.
             */
            oldestAsOf: string | null;
            /**
             * Format: int64
             * @description Of them: set aside until somebody mends the cause.
             */
            parked: number;
            /**
             * Format: int64
             * @description Of them: the last attempt failed, and it is tried again.
             */
            retrying: number;
            /**
             * Format: int64
             * @description Of how many creators it is read.
             */
            streams: number;
            /**
             * Format: int64
             * @description Of them: not read to the end yet.
             */
            unread: number;
        };
        /** @description A creator's stream of that kind that failed. */
        AudienceTrouble: {
            /**
             * Format: date-time
             * @description As of when what is shown is true.
             */
            asOf: string | null;
            /**
             * Format: int32
             * @description Failed attempts in a row.
             */
            attempts: number;
            kind: string;
            /** @description Why the last attempt failed, and what has to be mended. */
            lastError: string | null;
            /** Format: date-time */
            lastErrorAt: string | null;
            /**
             * Format: uuid
             * @description A creator. The agencies say "model": the table is `models`, the parameter `modelId`.
             */
            modelId: string;
            name: string;
            /**
             * Format: date-time
             * @description When it is due again; null while it is set aside.
             */
            nextAt: string | null;
            /**
             * Format: date-time
             * @description Since when it is set aside. It is taken up again when the account is connected again.
             */
            parkedAt: string | null;
            /** @description `parked` or `retrying`. */
            state: components["schemas"]["StreamState"];
        };
        /** @enum {string} */
        Category: "subscriptions" | "renewals" | "messages" | "tips" | "posts" | "referrals" | "other" | "refunds";
        /** @description What a category brought. */
        CategorySum: {
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            amount: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            amountCents: number;
            category: components["schemas"]["Category"];
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            netCents: number;
            /**
             * Format: double
             * @description Its part of the gross of all categories that brought money in, in per cent.
             */
            percentage: number | null;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            previousAmountCents: number | null;
            sources: components["schemas"]["SourceSum"][];
            /** Format: int64 */
            transactionCount: number;
        };
        /**
         * @description Why what is shown is not what the platform says. Each but [`Cause::Unknown`] is named only with the figures that prove it.
         *
         *     `never_synced`: Nothing of the creator was ever read.
         *
         *     `backfill_unfinished`: The history is still being read.
         *
         *     `stale_checkpoint`: What was sold after the checkpoint has not been read, and nothing but time stands in the way.
         *
         *     `interrupted_run`: The last run died or failed before its end.
         *
         *     `rate_limited`: The platform asked us to wait.
         *
         *     `token_expired`: The access token has ended and could not be renewed yet.
         *
         *     `token_revoked`: The connection has ended, or there is none.
         *
         *     `scope_missing`: The account does not allow what reading takes.
         *
         *     `wrong_endpoint`: Rows of another account were read, or the account that is connected does not manage the creator.
         *
         *     `late_rows`: Rows that showed after their time had been read.
         *
         *     `missed_webhook`: A sale that no webhook told of and that the next run reads.
         *
         *     `unmatched_webhook`: A sale that a webhook told of and that has no row.
         *
         *     `duplicate_rows`: One row of the platform stands in the ledger more than once.
         *
         *     `page_edge_loss`: Equal rows without ids, of which fewer stand in the ledger than the platform lists.
         *
         *     `reversal_not_seen`: A refund or chargeback that is not in the ledger yet.
         *
         *     `summary_versus_rows`: Totals count otherwise than rows do: without reversals, and maybe without rewards.
         *
         *     `currency`: An amount in another currency than US cents.
         *
         *     `time_zone_edge`: The agency's days are not the platform's, which are UTC.
         *
         *     `manual_edit`: A row or a sum that somebody changed by hand.
         *
         *     `drifted_total`: The running total is not the sum of the days.
         *
         *     `drifted_rollup`: A day's sum is not the sum of its rows.
         *
         *     `rejected_row`: A row that could not be read as money.
         *
         *     `clock_skew`: A row that lay in the future by our clock.
         *
         *     `unknown`: No figure proves any cause.
         * @enum {string}
         */
        Cause: "never_synced" | "backfill_unfinished" | "stale_checkpoint" | "interrupted_run" | "rate_limited" | "token_expired" | "token_revoked" | "scope_missing" | "wrong_endpoint" | "late_rows" | "missed_webhook" | "unmatched_webhook" | "duplicate_rows" | "page_edge_loss" | "reversal_not_seen" | "summary_versus_rows" | "currency" | "time_zone_edge" | "manual_edit" | "drifted_total" | "drifted_rollup" | "rejected_row" | "clock_skew" | "unknown";
        /** @description A point of the chart: the days from `date` to `endDate`, both included. */
        ChartPoint: {
            /**
             * Format: int64
             * @description Whose subscription ended on these days.
             */
            cancelledSubscribers: number | null;
            /** Format: date */
            date: string;
            /** Format: date */
            endDate: string;
            /**
             * Format: int64
             * @description The same of those who follow without subscribing.
             */
            followers: number | null;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            messages: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            messagesCents: number;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            net: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            netCents: number;
            /**
             * Format: int64
             * @description Who subscribed on these days; `null` while one of them is not told.
             */
            newSubscribers: number | null;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            other: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            otherCents: number;
            /** @description Whether it is not over yet. */
            partial: boolean;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            posts: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            postsCents: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            previousTotalCents: number | null;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            referrals: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            referralsCents: number;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            refunds: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            refundsCents: number;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            renewals: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            renewalsCents: number;
            /**
             * Format: int64
             * @description At the last count of these days; `null` where somebody was not counted.
             */
            subscribers: number | null;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            subscriptions: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            subscriptionsCents: number;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            tips: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            tipsCents: number;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            total: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            totalCents: number;
            /** Format: int64 */
            transactionCount: number;
        };
        /** @description A connection: an account at Fanvue and the right to read it. */
        Connection: {
            accountHandle: string | null;
            accountUuid: string;
            /**
             * Format: uuid
             * @description An agency: whose dashboard it is.
             */
            agencyId: string;
            agencyName: string;
            /**
             * Format: date-time
             * @description Everything of all of them before this instant is in the ledger; null while a history is read.
             */
            asOf: string | null;
            /**
             * Format: int64
             * @description Creators that it reads.
             */
            creators: number;
            /**
             * Format: date-time
             * @description When the access token ends.
             */
            expiresAt: string;
            /**
             * Format: uuid
             * @description An authorisation at the platform, of an agency account or of a single creator.
             */
            id: string;
            /**
             * @description Whether it reads the creators of an agency account, or one creator.
             * @enum {string}
             */
            kind: "agency" | "creator";
            /** @description Why the last exchange of tokens failed, if it did. */
            lastError: string | null;
            missingScopes: components["schemas"]["MissingScope"][];
            /**
             * Format: date-time
             * @description When the tokens were obtained.
             */
            obtainedAt: string;
            /** @description Whether its creators could not be listed since it was connected; it is tried again. */
            owesCreators: boolean;
            /**
             * Format: date-time
             * @description When it refreshes itself, if it can.
             */
            refreshDueAt: string | null;
            /** @description What a person can do, where there is something to do. */
            remedy: components["schemas"]["Remedy"] | null;
            /** @description The scopes that Fanvue granted. */
            scopes: string[];
            state: components["schemas"]["ConnectionState"];
        };
        /** @description The connected accounts that the caller may see. */
        ConnectionList: {
            connections: components["schemas"]["Connection"][];
        };
        /**
         * @description How a connection stands.
         *
         *     `active`: It works.
         *
         *     `overdue`: Its token has ended and could not be refreshed yet; it is tried again by itself.
         *
         *     `revoked`: The platform ended it: only a person can connect it again.
         *
         *     `disconnected`: A person disconnected it.
         * @enum {string}
         */
        ConnectionState: "active" | "overdue" | "revoked" | "disconnected";
        /** @description A creator's card. */
        CreatorCard: {
            /**
             * Format: int64
             * @description The age at `generatedAt`.
             */
            ageSeconds: number | null;
            /**
             * Format: date-time
             * @description Everything before this instant is in the figures; `null` while the history is being read.
             */
            asOf: string | null;
            /**
             * Format: date-time
             * @description When Fanvue last told that nothing is new: whoever shows an age counts from here.
             */
            confirmedAt: string | null;
            /** @description Whether every figure stands in Fanvue's rows, and none is missing up to `asOf`. */
            exact: boolean;
            fanvueUserUuid: string | null;
            /**
             * Format: int32
             * @description Who follows without subscribing.
             */
            followers: number | null;
            /** Format: date-time */
            followersAsOf: string | null;
            handle: string | null;
            lastError: string | null;
            /** Format: int32 */
            likeCount: number | null;
            /** Format: date-time */
            likeCountAsOf: string | null;
            /** Format: uuid */
            modelId: string;
            name: string;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            netCents: number;
            /**
             * Format: int32
             * @description Fanvue tells posts and likes of connected accounts only.
             */
            postCount: number | null;
            /** Format: date-time */
            postCountAsOf: string | null;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            previousTotalCents: number | null;
            /**
             * Format: int64
             * @description The part of the total that only webhooks told of.
             */
            provisionalCents: number;
            /** @description Why it is not live or not exact. */
            reason?: string;
            /**
             * Format: int64
             * @description Rows that could not be read and are counted nowhere.
             */
            rejects: number;
            /** Format: int64 */
            rowsSoFar: number;
            /** @description The gross of each point of the chart. */
            sparkline: number[];
            state: components["schemas"]["CreatorState"];
            /**
             * Format: date-time
             * @description As of when both are true.
             */
            statsAsOf: string | null;
            /**
             * Format: int32
             * @description Who subscribes, by Fanvue's list; `null` until it was counted.
             */
            subscribers: number | null;
            /**
             * Format: date-time
             * @description As of when it is true, as with each of these counts. While a count stays the same this instant moves about once an hour, though it is read more often.
             */
            subscribersAsOf: string | null;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            total: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            totalCents: number;
            /** Format: int64 */
            transactionCount: number;
            /** Format: int32 */
            unreadMessages: number | null;
            /** Format: date-time */
            unreadMessagesAsOf: string | null;
        };
        /** @description A creator's figures beside each other. */
        CreatorDiagnosis: {
            /**
             * Format: int64
             * @description UTC days whose rows were compared.
             */
            daysByRow: number;
            /**
             * Format: int64
             * @description UTC days whose totals were compared.
             */
            daysByTotal: number;
            /**
             * Format: int64
             * @description What is shown too much, negative for what is missing, as far as Fanvue was heard.
             */
            differenceCents: number;
            /** @description Why. They add up to the difference. */
            differences: components["schemas"]["RevenueDifference"][];
            /** @description What Fanvue says; null where it was not heard of every day. */
            fanvue: components["schemas"]["DiagnosisSum"] | null;
            /** @description The rows of the same days. */
            ledger: components["schemas"]["DiagnosisSum"];
            /** @description The same in words. */
            message: string;
            /**
             * Format: uuid
             * @description A creator. The agencies say "model": the table is `models`, the parameter `modelId`.
             */
            modelId: string;
            name: string;
            result: components["schemas"]["DiagnosisResult"];
            /** @description The days' sums. */
            rollup: components["schemas"]["DiagnosisSum"];
            /** @description What people see: the total, or the days' sums, with what only webhooks told of. */
            shown: components["schemas"]["DiagnosisSum"];
        };
        /**
         * @description What became of a creator in a tick.
         *
         *     `complete`: Read to the moment of the tick.
         *
         *     `unfinished`: Read as far as time allowed; the next tick goes on.
         *
         *     `paused`: The platform asked us to wait.
         *
         *     `busy`: Another tick is reading it.
         *
         *     `failed`: It failed; the next tick tries again.
         *
         *     `refused`: The platform refused; somebody has to mend the cause.
         *
         *     `parked`: It was refused so often that it waits for somebody to ask for another attempt.
         *
         *     `disconnected`: The account must be reconnected by a person.
         * @enum {string}
         */
        CreatorOutcome: "complete" | "unfinished" | "paused" | "busy" | "failed" | "refused" | "parked" | "disconnected";
        /** @description What a tick did for one creator. */
        CreatorReport: {
            /**
             * Format: uuid
             * @description The agency.
             */
            agencyId: string;
            /**
             * Format: int64
             * @description Rows whose status, id or amount changed.
             */
            amendedRows: number;
            /**
             * Format: date-time
             * @description Everything before this instant is in the ledger; null while the history is being read.
             */
            asOf: string | null;
            /**
             * Format: int64
             * @description Change of gross, in US cents.
             */
            cents: number;
            /** @description Why it is not complete, and what happens next. */
            error?: string;
            /**
             * Format: uuid
             * @description The creator.
             */
            modelId: string;
            /** @description The creator's name. */
            name: string;
            /**
             * Format: int64
             * @description Change of net, in US cents.
             */
            netCents: number;
            /**
             * Format: int64
             * @description Rows that were not in the ledger before.
             */
            newRows: number;
            /**
             * Format: int64
             * @description Pages read.
             */
            pages: number;
            /**
             * Format: int64
             * @description Rows newly kept as rejects.
             */
            rejects: number;
            /**
             * Format: int64
             * @description Requests sent.
             */
            requests: number;
            /**
             * Format: date-time
             * @description When reading may go on, where that is known.
             */
            retryAt?: string;
            /** @description What became of it. */
            state: components["schemas"]["CreatorOutcome"];
        };
        /**
         * @description What a creator's indicator shows.
         *
         *     `live`: Complete, connected, and confirmed less than five minutes ago.
         *
         *     `syncing`: Being read right now, or its history is.
         *
         *     `stale`: Not confirmed for five minutes.
         *
         *     `never`: Not read yet.
         *
         *     `disconnected`: Nothing can be read before a person reconnects.
         * @enum {string}
         */
        CreatorState: "live" | "syncing" | "stale" | "never" | "disconnected";
        /** @description The figures of an agency or of one creator in a period. */
        Dashboard: {
            agency: components["schemas"]["Agency"];
            categoryBreakdown: components["schemas"]["CategorySum"][];
            chartData: components["schemas"]["ChartPoint"][];
            /**
             * @description What every amount is in.
             * @constant
             */
            currency: "USD";
            freshness: components["schemas"]["Freshness"];
            kpiMetrics: components["schemas"]["KpiMetrics"];
            models: components["schemas"]["CreatorCard"][];
            period: components["schemas"]["Period"];
            /**
             * Format: int64
             * @description Rises with every change; the events of `/api/analytics/live` tell it.
             */
            revision: number;
            /** @description The IANA name of the zone that days are counted in. */
            timezone: string;
        };
        /** @description What was asked of Fanvue, and when. */
        DiagnosisAsking: {
            /**
             * Format: date-time
             * @description What Fanvue says is of this instant; so is everything else.
             */
            at: string;
            /**
             * Format: int64
             * @description Requests that it took.
             */
            requests: number;
            /**
             * Format: int64
             * @description The most that one diagnosis sends.
             */
            requestsMax: number;
        };
        /** @description The days that were asked for, in the agency's zone; both ends are in. */
        DiagnosisDays: {
            /** Format: date */
            endDate: string;
            /** Format: date */
            startDate: string;
        };
        /**
         * @description What is compared.
         *
         *     `totals`: Fanvue's totals by creator and UTC day, in which reversals are not.
         *
         *     `rows`: Its rows as well.
         * @enum {string}
         */
        DiagnosisDepth: "totals" | "rows";
        /**
         * @description How a creator's figures compare.
         *
         *     `match`: All agree to the cent, as far as what was compared tells.
         *
         *     `partly`: Nothing differs by Fanvue's totals; its rows were asked for and not all compared.
         *
         *     `explained`: They differ as they must by definition.
         *
         *     `mismatch`: They differ.
         *
         *     `cannotCheck`: Fanvue could not be asked.
         * @enum {string}
         */
        DiagnosisResult: "match" | "partly" | "explained" | "mismatch" | "cannotCheck";
        /** @description An amount and how many rows it is of. */
        DiagnosisSum: {
            /**
             * Format: int64
             * @description Gross, in US cents.
             */
            cents: number;
            /**
             * Format: int64
             * @description Rows; null where only their total is known.
             */
            rows: number | null;
        };
        /** @description What a person does about it. */
        DifferenceRemedy: {
            /** @description The call that does it, where there is one. */
            call: string | null;
            kind: components["schemas"]["RemedyKind"];
            /** @description The same in words. */
            text: string;
        };
        /**
         * @description How a day stands that differs.
         *
         *     `open`: It is to be read again.
         *
         *     `reading`: It is being read again.
         *
         *     `settled`: It was read again, and differs all the same.
         * @enum {string}
         */
        DifferenceState: "open" | "reading" | "settled";
        /** @description The key figures of a period. */
        Figures: {
            /**
             * Format: double
             * @description What a paying fan brought on average; `null` without paying fans.
             */
            arpu: number | null;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            arpuCents: number | null;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            averageTransaction: number | null;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            averageTransactionCents: number | null;
            /**
             * Format: double
             * @description Messages, posts and tips over subscriptions and renewals; `null` without those.
             */
            goldenRatio: number | null;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            netRevenue: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            netRevenueCents: number;
            /**
             * Format: int64
             * @description Those among them who had never paid before; `null` while a history is being read.
             */
            newFans: number | null;
            /**
             * Format: int64
             * @description Fans who paid, each once, by Fanvue's rows.
             */
            payingFans: number;
            /** Format: int64 */
            provisionalCount: number;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            provisionalRevenue: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            provisionalRevenueCents: number;
            /** Format: int64 */
            refundCount: number;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            refunds: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            refundsCents: number;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            tipAverage: number | null;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            tipAverageCents: number | null;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            totalRevenue: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            totalRevenueCents: number;
            /** Format: int64 */
            transactionCount: number;
        };
        /** @description How fresh an answer is as a whole. */
        Freshness: {
            /**
             * Format: int64
             * @description How many can't be read before a person reconnects.
             */
            disconnectedCount: number;
            /** @description Whether every creator is exact, and there is one, and no connection ended by itself: then nothing after its end is in the sum. */
            exact: boolean;
            /**
             * Format: date-time
             * @description The answer's moment, which ages are counted to.
             */
            generatedAt: string;
            /** Format: int64 */
            liveCount: number;
            /** Format: date-time */
            newestAsOf: string | null;
            /**
             * Format: date-time
             * @description When the next read is due.
             */
            nextSyncAt: string | null;
            /**
             * Format: date-time
             * @description The oldest of the creators whom nobody disconnected, a connection that ended by itself included; `null` while the history of one is incomplete.
             */
            oldestAsOf: string | null;
            /** Format: int64 */
            rejects: number;
            /** Format: int64 */
            syncingCount: number;
            /** Format: int64 */
            total: number;
        };
        /** @description Whether the service works. All but `status` is told to the holder of `CRON_SECRET` only. */
        Health: {
            connections?: components["schemas"]["HealthConnections"] | null;
            /** @enum {string} */
            database?: "ok" | "unreachable";
            migration?: components["schemas"]["HealthMigration"];
            proof?: components["schemas"]["HealthProof"] | null;
            /**
             * Format: int64
             * @description Rows of Fanvue's feed that could not be read and are counted nowhere.
             */
            rejects?: number | null;
            /**
             * @description `degraded`: the database does not answer, or has not every migration of this build. `unconfigured`: the function lacks a variable; the log names it.
             * @enum {string}
             */
            status: "ok" | "degraded" | "unconfigured";
            streams?: components["schemas"]["HealthStreams"] | null;
            webhooks?: components["schemas"]["HealthWebhooks"] | null;
        };
        /** @description The connections that don't do their work. */
        HealthConnections: {
            /**
             * Format: int64
             * @description Their tokens have ended and could not be refreshed yet.
             */
            overdue: number;
            /**
             * Format: int64
             * @description They ended by themselves: a person has to connect these accounts again.
             */
            revoked: number;
        };
        /** @description The version of the database's schema. */
        HealthMigration: {
            /** @description `null` for a database without our tables, or when it didn't answer. */
            applied: string | null;
            /** @description The one that this build was made for. */
            expected: string;
        };
        /** @description What the nightly proof found. */
        HealthProof: {
            /**
             * Format: int64
             * @description Days on which Fanvue's total is not that of the rows.
             */
            differences: number;
            /**
             * Format: int64
             * @description How long ago the creator was compared with totals whose comparison is the oldest.
             */
            oldestComparedSeconds: number | null;
            /**
             * Format: int64
             * @description Of them, those that stayed after they were read again.
             */
            settled: number;
        };
        /** @description The streams of earnings whose connection works. */
        HealthStreams: {
            /** Format: int64 */
            count: number;
            /** Format: int64 */
            oldestAgeSeconds: number | null;
            /** Format: date-time */
            oldestAsOf: string | null;
            /**
             * Format: int64
             * @description How many of them are set aside until a person looks at them.
             */
            parked: number;
            /**
             * Format: int64
             * @description How many of them have no complete history yet, and so no age.
             */
            unfinished: number;
        };
        /** @description Webhooks that are no figure yet. */
        HealthWebhooks: {
            /** Format: int64 */
            oldestWaitingSeconds: number | null;
            /**
             * Format: int64
             * @description They could not be understood and wait for a person.
             */
            quarantined: number;
            /**
             * Format: int64
             * @description Nobody has made sense of them yet.
             */
            waiting: number;
        };
        /** @description A job. */
        Job: {
            /**
             * Format: int64
             * @description What these changed, reversals subtracted, in US cents.
             */
            addedCents: number;
            /**
             * Format: uuid
             * @description An agency: whose dashboard it is.
             */
            agencyId: string;
            /**
             * Format: uuid
             * @description The user who asked; null for the operator.
             */
            askedBy: string | null;
            /** Format: date-time */
            begunAt: string;
            /** @description Every creator in it, by name. In a list only the one that was asked for. */
            creators: components["schemas"]["JobCreator"][];
            /** Format: int64 */
            creatorsDone: number;
            /** Format: int64 */
            creatorsTotal: number;
            /** Format: date-time */
            endedAt: string | null;
            /**
             * Format: int64
             * @description Seconds until it is done, where that can be told.
             */
            etaSeconds: number | null;
            /** Format: uuid */
            id: string;
            /** @description The same for a person. */
            message: string;
            /**
             * Format: uuid
             * @description The creator that was asked for; null for all of the agency's.
             */
            modelId: string | null;
            /**
             * Format: int64
             * @description Rows that were not in the ledger before.
             */
            newRows: number;
            /** Format: int64 */
            pages: number;
            /**
             * Format: date-time
             * @description When it goes on, while Fanvue lets nobody read.
             */
            pausedUntil: string | null;
            /**
             * Format: int64
             * @description How much of it was read: 100 where nothing is left, and then only. Never falls.
             */
            percent: number;
            /** @description Why it ended before all was read. */
            reason: string | null;
            /** Format: int64 */
            requests: number;
            /**
             * Format: int64
             * @description Rows read.
             */
            rows: number;
            /** @description How it stands. */
            state: components["schemas"]["JobState"];
        };
        /** @description A job that was begun, or the one that is running already. */
        JobAccepted: {
            job: components["schemas"]["Job"];
            /** @description Whether it was running already. */
            joined: boolean;
        };
        /** @description A creator in a job. */
        JobCreator: {
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            addedCents: number;
            /** Format: date-time */
            endedAt: string | null;
            /**
             * Format: uuid
             * @description A creator. The agencies say "model": the table is `models`, the parameter `modelId`.
             */
            modelId: string;
            name: string;
            /** Format: int64 */
            newRows: number;
            /** Format: int64 */
            pages: number;
            /** Format: date-time */
            pausedUntil: string | null;
            /** Format: int32 */
            percent: number;
            /** @description Why it can't be read, or why the last attempt failed. */
            reason: string | null;
            /** Format: int64 */
            requests: number;
            /** Format: int64 */
            rows: number;
            state: components["schemas"]["JobCreatorState"];
        };
        /**
         * @description How a creator in a job stands.
         *
         *     `queued`: The next tick reads it.
         *
         *     `reading`: It is being read.
         *
         *     `paused`: Fanvue asked us to wait.
         *
         *     `retrying`: The last attempt failed; it is tried again.
         *
         *     `done`: Read to the end.
         *
         *     `parked`: Set aside after repeated refusals.
         *
         *     `disconnected`: Nothing can be read before a person reconnects.
         * @enum {string}
         */
        JobCreatorState: "queued" | "reading" | "paused" | "retrying" | "done" | "parked" | "disconnected";
        /** @description Jobs: first those that go on, the newest first. */
        JobList: {
            jobs: components["schemas"]["Job"][];
        };
        /**
         * @description How a job stands.
         *
         *     `queued`: Nothing was read yet; the next tick begins.
         *
         *     `running`: It is being read, or the next tick goes on.
         *
         *     `paused`: Fanvue asked us to wait until `pausedUntil`.
         *
         *     `done`: All of it was read to the end.
         *
         *     `partly`: Some of it was read to the end, and nobody can read the rest; `reason` says why.
         *
         *     `failed`: Nobody can read any of it; `reason` says why.
         * @enum {string}
         */
        JobState: "queued" | "running" | "paused" | "done" | "partly" | "failed";
        /** @description The key figures of the period, and of the one before. docs/kpis.md defines each. */
        KpiMetrics: {
            /**
             * Format: double
             * @description What a paying fan brought on average; `null` without paying fans.
             */
            arpu: number | null;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            arpuCents: number | null;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            averageTransaction: number | null;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            averageTransactionCents: number | null;
            /** @description Whether every figure stands in Fanvue's rows, and none is missing up to the creators' as-of times. */
            exact: boolean;
            /**
             * Format: double
             * @description Messages, posts and tips over subscriptions and renewals; `null` without those.
             */
            goldenRatio: number | null;
            /**
             * Format: double
             * @description What a fan has brought on average since the first payment: `arpu` of all time. `null` for other ranges, and while a history is being read.
             */
            ltv: number | null;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            ltvCents: number | null;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            netRevenue: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            netRevenueCents: number;
            /**
             * Format: int64
             * @description Those among them who had never paid before; `null` while a history is being read.
             */
            newFans: number | null;
            /**
             * Format: int64
             * @description Fans who paid, each once, by Fanvue's rows.
             */
            payingFans: number;
            previous: components["schemas"]["Figures"] | null;
            /** Format: int64 */
            provisionalCount: number;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            provisionalRevenue: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            provisionalRevenueCents: number;
            /** Format: int64 */
            refundCount: number;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            refunds: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            refundsCents: number;
            /**
             * Format: double
             * @description In per cent; `null` where there is nothing fair to compare with.
             */
            revenueGrowth: number | null;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            tipAverage: number | null;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            tipAverageCents: number | null;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            totalRevenue: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            totalRevenueCents: number;
            /** Format: int64 */
            transactionCount: number;
        };
        /** @description The days that are listed, both ends included. */
        ListedPeriod: {
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
        };
        /** @description A link that connects an account. It holds a secret: give it to nobody but the account's owner. */
        LoginLink: {
            /**
             * Format: uuid
             * @description The agency that the account will belong to.
             */
            agencyId: string;
            /**
             * Format: date-time
             * @description When it stops to work.
             */
            expiresAt: string;
            /** @description To be opened in a browser. */
            loginUrl: string;
        };
        /** @description A scope that the account should allow and doesn't. */
        MissingScope: {
            neededFor: string;
            scope: string;
        };
        /** @description What is set aside. */
        ParkedStream: {
            /** @description The call that takes it up again once that is mended. */
            call: string;
            /**
             * Format: uuid
             * @description A creator. The agencies say "model": the table is `models`, the parameter `modelId`.
             */
            modelId: string;
            name: string;
            /** @description Why, and what has to be mended. */
            reason: string;
            /** Format: date-time */
            since: string;
        };
        /** @description The days of the figures, both ends included. */
        Period: {
            /**
             * @description What a point of the chart covers.
             * @enum {string}
             */
            bucket: "day" | "week" | "month";
            /** Format: date */
            from: string;
            /** @description Whether the last point is not over yet. */
            partialLast: boolean;
            /** @description The earlier days it is compared with; the last of them only before `until`, if that is set. */
            previous: components["schemas"]["PreviousPeriod"] | null;
            timezone: string;
            /** Format: date */
            to: string;
        };
        /** @description A creator who would be read. */
        PlannedCreator: {
            /** @description Whether a connection that works reads it; otherwise it would be left out. */
            isReadable: boolean;
            /**
             * Format: uuid
             * @description A creator. The agencies say "model": the table is `models`, the parameter `modelId`.
             */
            modelId: string;
            name: string;
            /**
             * Format: int64
             * @description Requests that as many rows take.
             */
            requests: number;
            /**
             * Format: int64
             * @description Rows that the ledger holds.
             */
            rows: number;
        };
        /** @description Earlier days, both ends included. */
        PreviousPeriod: {
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
            /** Format: date-time */
            until: string | null;
        };
        /** @description Why a request was not answered (RFC 9457). */
        Problem: {
            /**
             * @description A word that programs may rely on.
             * @enum {string}
             */
            code: "answer_too_large" | "bad_parameter" | "bad_request" | "bad_signature" | "cooling_down" | "forbidden" | "held" | "internal" | "method_not_allowed" | "no_streams" | "not_configured" | "not_found" | "not_refreshed" | "payload_too_large" | "query_too_long" | "reconnect" | "request_timeout" | "too_many_requests" | "unauthorized" | "unavailable";
            /** @description What happened this time, and what to do about it. */
            detail: string;
            /** @description The parameter or field that is at fault, if it is one. */
            field?: string;
            /**
             * Format: uuid
             * @description The job that did already what was asked for, where one did.
             */
            jobId?: string;
            /** @description What the request is called in the log; the header `X-Request-Id` says the same. */
            requestId: string;
            /**
             * Format: int64
             * @description The HTTP status.
             */
            status: number;
            /** @description What kind of problem it is, the same for every occurrence. */
            title: string;
            /** @description `urn:heartbeat:problem:` and the code. */
            type: string;
        };
        /** @description A day on which Fanvue's total is not that of the rows. */
        ProofDifference: {
            /**
             * Format: date
             * @description The UTC day.
             */
            day: string;
            /**
             * Format: int64
             * @description Fanvue's gross, in US cents.
             */
            fanvueCents: number;
            /** Format: int64 */
            fanvueNetCents: number;
            /** Format: date-time */
            foundAt: string;
            /**
             * Format: int64
             * @description That of the rows, without what totals leave out.
             */
            ledgerCents: number;
            /** Format: int64 */
            ledgerNetCents: number;
            /**
             * Format: uuid
             * @description A creator. The agencies say "model": the table is `models`, the parameter `modelId`.
             */
            modelId: string;
            name: string;
            /** Format: date-time */
            settledAt: string | null;
            state: components["schemas"]["DifferenceState"];
        };
        /** @description Something that failed. */
        ProofProblem: {
            /**
             * Format: uuid
             * @description The agency.
             */
            agencyId: string;
            /**
             * Format: uuid
             * @description The account, where it is about one.
             */
            connectionId: string | null;
            /** @description What it was. */
            detail: string;
        };
        /** @description What the proof did in one call. */
        ProofReport: {
            /**
             * Format: int64
             * @description Agencies whose sums were compared with their ledgers.
             */
            agenciesChecked: number;
            /**
             * Format: int64
             * @description Change of gross, in US cents.
             */
            cents: number;
            /** @description Creators that were read again. */
            creators: components["schemas"]["CreatorReport"][];
            /**
             * Format: int64
             * @description Creators whose days were compared with Fanvue's totals in this call.
             */
            creatorsCompared: number;
            /**
             * Format: int64
             * @description Days among them that differ.
             */
            daysDiffering: number;
            /**
             * Format: int64
             * @description Days that still wait to be read again, or are being read.
             */
            daysOpen: number;
            /**
             * Format: int64
             * @description Days that differ though they were read again: `/api/sync/status` lists them.
             */
            daysSettled: number;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finishedAt: string;
            /**
             * Format: date
             * @description The first UTC day that is compared.
             */
            from: string;
            /**
             * Format: int64
             * @description Histories that it began to read again.
             */
            historiesBegun: number;
            /**
             * Format: int64
             * @description Rows that were not in the ledger before.
             */
            newRows: number;
            /** @description What failed. Nothing was concluded from it. */
            problems: components["schemas"]["ProofProblem"][];
            /**
             * Format: int64
             * @description Receipts written since it began: `/api/sync/repairs` lists them.
             */
            repaired: number;
            /**
             * Format: int64
             * @description Requests sent for rows.
             */
            requests: number;
            /**
             * Format: int64
             * @description Seconds until then, when something is unfinished.
             */
            retryAfterSeconds?: number;
            /** @description Creators whose days can't be compared with totals, and why. */
            skipped: components["schemas"]["ProofSkipped"][];
            /**
             * Format: date-time
             * @description When it began.
             */
            startedAt: string;
            /**
             * Format: date
             * @description The day after the last one.
             */
            to: string;
            /**
             * Format: int64
             * @description Requests sent for totals.
             */
            totalsRequests: number;
            /**
             * Format: int64
             * @description What another call can go on with: agencies, accounts and days.
             */
            unfinished: number;
        };
        /** @description A creator that was passed over. */
        ProofSkipped: {
            /**
             * Format: uuid
             * @description The agency.
             */
            agencyId: string;
            /**
             * Format: uuid
             * @description The creator.
             */
            modelId: string;
            /** @description The creator's name. */
            name: string;
            /** @description Why. */
            reason: string;
        };
        /** @description How the nightly proof stands. */
        ProofStanding: {
            /**
             * Format: int64
             * @description Creators of working connections that were compared with Fanvue's totals.
             */
            creatorsCompared: number;
            /** @description Days on which Fanvue's total is not that of the rows, settled ones first. */
            differences: components["schemas"]["ProofDifference"][];
            /**
             * Format: date-time
             * @description When the one was compared whose comparison is the oldest.
             */
            oldestComparedAt: string | null;
        };
        /** @description A sale that only a webhook told of. */
        ProvisionalSale: {
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            amount: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            amountCents: number;
            category: components["schemas"]["Category"];
            /** Format: date-time */
            date: string;
            /** Format: date */
            day: string;
            eventKey: string;
            /**
             * Format: date-time
             * @description When it stops to be shown, if no row replaces it.
             */
            expiresAt: string;
            fanId: string | null;
            /** Format: date-time */
            firstSeenAt: string;
            /** Format: uuid */
            modelId: string;
            modelName: string;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            net: number | null;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            netCents: number | null;
            orderId: string | null;
            reverses: string | null;
            source: string;
        };
        /** @description What a person can do. */
        Remedy: {
            /** @description The call that begins it. */
            call: string;
            text: string;
        };
        /**
         * @description The one thing that a person does.
         *
         *     `force_sync`: Read the creator's history again.
         *
         *     `run_now`: Let the next run begin now.
         *
         *     `wait`: It passes by itself.
         *
         *     `refresh`: Renew the token now.
         *
         *     `reconnect`: Connect the account again.
         *
         *     `rebuild_totals`: Sum the days and the total anew.
         *
         *     `review_rejects`: Look at the rows that were set aside.
         *
         *     `set_clock`: Set this server's clock, then read again.
         *
         *     `ask_rows`: Ask again with the rows themselves.
         *
         *     `ask_fewer`: Ask again for one creator, or for fewer days.
         *
         *     `nothing`: It is so by definition.
         * @enum {string}
         */
        RemedyKind: "force_sync" | "run_now" | "wait" | "refresh" | "reconnect" | "rebuild_totals" | "review_rejects" | "set_clock" | "ask_rows" | "ask_fewer" | "nothing";
        /** @description What was repaired, and on what evidence. */
        Repair: {
            /** Format: int64 */
            afterCents: number;
            /** Format: int64 */
            afterRows: number;
            /** Format: int64 */
            beforeCents: number;
            /** Format: int64 */
            beforeRows: number;
            /** @description `missing_row`, `amended_row`, `vanished_row`, `several`, `read_meanwhile`; of sums `drifted_total`, `drifted_rollup`, `drifted_sum`, `drifted_fans`. */
            cause: string;
            /**
             * Format: date
             * @description The UTC day of the rows; of a sum the agency's day, or null for a whole total.
             */
            day: string | null;
            /** @description What was asked, Fanvue's total where it was told, and the keys of the rows, a hundred of each kind at most; `rowCount` says how many there were in all. */
            evidence: unknown;
            /** Format: uuid */
            id: string;
            /**
             * @description Rows of the ledger, or sums that follow from it.
             * @enum {string}
             */
            kind: "rows" | "sums";
            /**
             * Format: uuid
             * @description The creator; null for a sum over all.
             */
            modelId: string | null;
            modelName: string | null;
            /** Format: date-time */
            repairedAt: string;
        };
        /** @description A page of receipts. */
        RepairPage: {
            /**
             * Format: uuid
             * @description An agency: whose dashboard it is.
             */
            agencyId: string;
            /** @description For the parameter `cursor` of the next page, with all others as they were; null on the last. */
            nextCursor: string | null;
            repairs: components["schemas"]["Repair"][];
        };
        /** @description The requests that one bucket still holds. */
        RequestBudget: {
            /**
             * Format: uuid
             * @description An authorisation at the platform, of an agency account or of a single creator.
             */
            connectionId: string;
            /**
             * Format: int32
             * @description Requests that a full one holds.
             */
            limit: number;
            /**
             * Format: uuid
             * @description The creator whose requests it counts; null for those of the whole account.
             */
            modelId: string | null;
            /**
             * Format: date-time
             * @description Nobody asks before then: Fanvue said so.
             */
            pausedUntil: string | null;
            /** Format: int32 */
            remaining: number;
            /**
             * Format: date-time
             * @description When it is full again.
             */
            resetsAt: string;
        };
        /** @description Why what is shown is not what Fanvue says. */
        RevenueDiagnosis: {
            /**
             * Format: uuid
             * @description An agency: whose dashboard it is.
             */
            agencyId: string;
            asked: components["schemas"]["DiagnosisAsking"];
            /** @description Every creator who was asked about, by name. */
            creators: components["schemas"]["CreatorDiagnosis"][];
            /** @description Null where all days are meant, the running total with them. */
            days: components["schemas"]["DiagnosisDays"] | null;
            depth: components["schemas"]["DiagnosisDepth"];
            /**
             * Format: int64
             * @description What is shown too much, negative for what is missing, as far as Fanvue was heard.
             */
            differenceCents: number;
            /** @description What Fanvue says of all of them; null where it was not heard of everybody. */
            fanvue: components["schemas"]["DiagnosisSum"] | null;
            /** @description What is shown of all of them. */
            shown: components["schemas"]["DiagnosisSum"];
        };
        /** @description A part of the difference. */
        RevenueDifference: {
            cause: components["schemas"]["Cause"];
            /**
             * Format: int64
             * @description What is shown too much, negative for what is missing.
             */
            cents: number;
            /**
             * Format: date
             * @description The day, where it is one day's: in UTC, but for `drifted_rollup` and changed sums.
             */
            day: string | null;
            /** @description What proves the cause: amounts in cents, numbers, instants and words, each by its name. */
            figures: {
                [key: string]: unknown;
            };
            /** @description What that means for the money. */
            meaning: string;
            remedy: components["schemas"]["DifferenceRemedy"];
            /**
             * Format: int64
             * @description How many rows are behind it; null where only totals were compared.
             */
            rowCount: number | null;
            /** @description The first hundred of them. */
            rows: components["schemas"]["RowDifference"][];
            /** @description Where the cause is not known: those that the figures speak against. */
            ruledOut: components["schemas"]["Cause"][];
        };
        /** @description A row on which Fanvue and the ledger differ. */
        RowDifference: {
            /** Format: date-time */
            date: string;
            /**
             * Format: int64
             * @description What Fanvue says; null where it lists no such row.
             */
            fanvueCents: number | null;
            /** @description Fanvue's id of it, or the ledger's key; empty where neither is there. */
            id: string;
            /**
             * Format: int64
             * @description What the ledger says; null where it holds no such row.
             */
            ledgerCents: number | null;
            /** @description What it shows about the cause. */
            note: string | null;
        };
        /** @description What a source brought. */
        SourceSum: {
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            amount: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            amountCents: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            netCents: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            previousAmountCents: number | null;
            /** @description Fanvue's name for it; others than those of the parameter `source` may come. */
            source: string;
            /** Format: int64 */
            transactionCount: number;
        };
        /** @description What a tick did for one stream of a creator's audience. */
        StreamReport: {
            /**
             * Format: uuid
             * @description The agency.
             */
            agencyId: string;
            /**
             * Format: date-time
             * @description As of when what is stored is true; null while nothing is.
             */
            asOf: string | null;
            /** @description Why it is not complete, and what happens next. */
            error?: string;
            /**
             * @description What was read.
             * @enum {string}
             */
            kind: "subscribers" | "followers" | "unread" | "profile" | "changes" | "top_spenders" | "tracking_links";
            /**
             * Format: uuid
             * @description The creator.
             */
            modelId: string;
            /** @description The creator's name. */
            name: string;
            /**
             * Format: int64
             * @description Requests sent.
             */
            requests: number;
            /**
             * Format: date-time
             * @description When reading may go on, where that is known.
             */
            retryAt?: string;
            /** @description What became of it. */
            state: components["schemas"]["CreatorOutcome"];
        };
        /**
         * @description How a creator's stream stands.
         *
         *     `live`: Complete, and confirmed less than five minutes ago.
         *
         *     `syncing`: Being read right now.
         *
         *     `paused`: Fanvue asked us to wait until `pausedUntil`.
         *
         *     `retrying`: The last attempt failed; it is tried again at `nextSyncAt`.
         *
         *     `stale`: Not confirmed for five minutes.
         *
         *     `incomplete`: Its history has not been read to the end yet; the next tick goes on.
         *
         *     `disconnected`: No Fanvue account is connected that reads it, or none that works.
         *
         *     `parked`: Set aside until a person asks for another attempt.
         * @enum {string}
         */
        StreamState: "live" | "syncing" | "paused" | "retrying" | "stale" | "incomplete" | "disconnected" | "parked";
        /** @description What would be read. */
        SyncPlan: {
            /** @description Everyone it concerns. */
            creators: components["schemas"]["PlannedCreator"][];
            /** @description Always true: nothing was written. */
            dryRun: boolean;
            /**
             * Format: int64
             * @description Requests that it takes, if Fanvue has what the ledger has; a creator that was never read may take many more.
             */
            requests: number;
            /**
             * Format: uuid
             * @description The job that reads the same already, and would be joined.
             */
            runningJobId: string | null;
        };
        /** @description How reading stands. */
        SyncStatus: {
            /**
             * Format: uuid
             * @description An agency: whose dashboard it is.
             */
            agencyId: string;
            /** @description What is read of audiences, by kind. */
            audience: components["schemas"]["AudienceStanding"][];
            /** @description Of it what failed: first what is set aside. */
            audienceTroubles: components["schemas"]["AudienceTrouble"][];
            /** @description The requests that Fanvue still allows, where some were used lately. */
            budgets: components["schemas"]["RequestBudget"][];
            connections: components["schemas"]["Connection"][];
            /**
             * Format: date-time
             * @description When this was so.
             */
            generatedAt: string;
            /** @description The newest of the others. */
            latestJobs: components["schemas"]["Job"][];
            /** @description The same in words. */
            message: string;
            /** @description Whether a person has something to do. */
            needsAttention: boolean;
            /**
             * Format: date-time
             * @description Everything of all connected creators before this instant is in the ledger; null while the history of one is incomplete.
             */
            oldestAsOf: string | null;
            /** @description What is set aside until a person asks for another attempt. */
            parked: components["schemas"]["ParkedStream"][];
            /** @description What the nightly proof found. */
            proof: components["schemas"]["ProofStanding"];
            /** @description Jobs that are not at their end. */
            runningJobs: components["schemas"]["Job"][];
            /** @description Every creator, by name. */
            streams: components["schemas"]["SyncStream"][];
        };
        /** @description A creator's stream of earnings. */
        SyncStream: {
            /**
             * Format: date-time
             * @description Everything before this instant is in the ledger; null while its history is incomplete.
             */
            asOf: string | null;
            /**
             * Format: int32
             * @description Failed attempts in a row.
             */
            attempts: number;
            /**
             * Format: date-time
             * @description When Fanvue last told, by rows or by totals, that nothing is new.
             */
            confirmedAt: string | null;
            /**
             * Format: uuid
             * @description An authorisation at the platform, of an agency account or of a single creator.
             */
            connectionId: string | null;
            /** @description Why the last attempt failed, if it did. */
            lastError: string | null;
            /** Format: date-time */
            lastErrorAt: string | null;
            /**
             * Format: uuid
             * @description A creator. The agencies say "model": the table is `models`, the parameter `modelId`.
             */
            modelId: string;
            name: string;
            /**
             * Format: date-time
             * @description When it is due again.
             */
            nextSyncAt: string | null;
            /** Format: date-time */
            pausedUntil: string | null;
            state: components["schemas"]["StreamState"];
            /**
             * Format: date-time
             * @description When a tick last took it up.
             */
            triedAt: string | null;
        };
        /** @description What a tick did. */
        TickReport: {
            /**
             * Format: int64
             * @description Change of gross, in US cents.
             */
            cents: number;
            /** @description Every connected creator. */
            creators: components["schemas"]["CreatorReport"][];
            /**
             * Format: int64
             * @description Requests sent for agency totals, which tell who has to be read at all.
             */
            detectorRequests: number;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finishedAt: string;
            /**
             * Format: int64
             * @description Change of net, in US cents.
             */
            netCents: number;
            /**
             * Format: int64
             * @description Rows that were not in the ledger before.
             */
            newRows: number;
            /**
             * Format: int64
             * @description Rows kept as rejects that were not kept before.
             */
            rejects: number;
            /**
             * Format: int64
             * @description Requests sent to the platform for earnings.
             */
            requests: number;
            /**
             * Format: int64
             * @description Seconds until another tick can do more, when some creators are unfinished.
             */
            retryAfterSeconds?: number;
            /**
             * Format: date-time
             * @description When it began.
             */
            startedAt: string;
            /**
             * Format: int64
             * @description Creators that are not complete yet, for whatever reason.
             */
            unfinished: number;
        };
        /** @description A row of the ledger. */
        Transaction: {
            /**
             * Format: date-time
             * @description Since when Fanvue's feed lacks it, if it does.
             */
            absentSince: string | null;
            /** @description Whether it changed since it was first seen. */
            amended: boolean;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            amount: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            amountCents: number;
            category: components["schemas"]["Category"];
            currency: string | null;
            /** Format: date-time */
            date: string;
            /** Format: date */
            day: string;
            fanHandle: string | null;
            fanId: string | null;
            fanName: string | null;
            fanvueTransactionId: string;
            /** Format: date-time */
            firstSeenAt: string;
            /** Format: uuid */
            id: string;
            messageId: string | null;
            /** Format: uuid */
            modelId: string;
            modelName: string;
            /**
             * Format: double
             * @description An amount in currency units: `12.34` as a JSON number with two decimals.
             */
            net: number;
            /**
             * Format: int64
             * @description An amount in the smallest unit of its currency (US cents unless said otherwise). On the wire it is a JSON integer. Negative amounts are reversals.
             */
            netCents: number;
            /** @description Fanvue's own id, `null` for a row that came without one. */
            orderId: string | null;
            /**
             * Format: int64
             * @description What the fan paid, in the smallest unit of `currency`; never summed.
             */
            paidCents: number | null;
            postId: string | null;
            /** @description Fanvue's id of the sale that it takes back, where that is known. */
            reverses: string | null;
            source: string;
            /** @description Fanvue's word for how the payment stands. */
            status: string | null;
            /** Format: date-time */
            updatedAt: string;
        };
        /** @description A page of the rows behind a figure, newest first. */
        TransactionPage: {
            agency: components["schemas"]["Agency"];
            /**
             * @description What every amount is in.
             * @constant
             */
            currency: "USD";
            /** Format: date-time */
            generatedAt: string;
            /** @description For the parameter `cursor` of the next page, with all others as they were; `null` on the last. */
            nextCursor: string | null;
            period: components["schemas"]["ListedPeriod"];
            /** @description Sales that only webhooks told of; on the first page only. */
            provisional: components["schemas"]["ProvisionalSale"][];
            /** @description There are more of these than an answer holds: wait for their rows. */
            provisionalCut: boolean;
            /** @description The IANA name of the zone that days are counted in. */
            timezone: string;
            transactions: components["schemas"]["Transaction"][];
        };
        /** @description The event is on disk. */
        WebhookReceipt: {
            /** @description Whether it is the first delivery of this event. */
            new: boolean;
            /** @description Always true. */
            received: boolean;
        };
    };
    responses: {
        /** @description `bad_parameter`, `bad_request`: `field` names the parameter. */
        BadRequest: {
            headers: {
                "Cache-Control": components["headers"]["NoStore"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `forbidden`: the user's role or agency does not allow it, or a page of another site asks with their cookie. */
        Forbidden: {
            headers: {
                "Cache-Control": components["headers"]["NoStore"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `internal`, `not_configured`: the fault is the server's; see its log. */
        Internal: {
            headers: {
                "Cache-Control": components["headers"]["NoStore"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `not_found`: there is no such thing, or none that the caller may see. */
        NotFound: {
            headers: {
                "Cache-Control": components["headers"]["NoStore"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `query_too_long`: the query is too long. */
        QueryTooLong: {
            headers: {
                "Cache-Control": components["headers"]["NoStore"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `payload_too_large`: the body is too large. */
        TooLarge: {
            headers: {
                "Cache-Control": components["headers"]["NoStore"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `unauthorized`: the caller did not prove who they are. */
        Unauthorized: {
            headers: {
                "Cache-Control": components["headers"]["NoStore"];
                "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `unavailable`: the database or another service is away; try again. `not_configured`: the operator has to set a variable, which `detail` names. */
        Unavailable: {
            headers: {
                "Cache-Control": components["headers"]["NoStore"];
                "Retry-After": components["headers"]["MayRetryAfter"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: {
        /** @description The name of the file. */
        ContentDisposition: string;
        /** @description For `If-None-Match` of the next request. */
        ETag: string;
        /** @description Where it is shown. */
        Location: string;
        /** @description Seconds until it may work, where waiting helps. */
        MayRetryAfter: 5;
        /** @description The caller may keep it and has to ask whether it still holds. */
        NoCache: "private, no-cache";
        /** @description Nobody keeps it. */
        NoStore: "no-store";
        /** @description What the request is called in the log. */
        RequestId: string;
        /** @description Seconds until it may work. */
        RetryAfter: 5;
        /** @description Binds the login to this browser, or ends that. */
        SetCookie: string;
        /** @description Seconds until it is done again. */
        UntilCool: number;
        /** @description Whose it is. */
        Vary: "authorization, cookie";
        /** @description How to prove it. */
        WwwAuthenticate: "Bearer";
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getDashboard: {
        parameters: {
            query?: {
                /** @description Whose. Left out: a user's own agency, or the only one there is. The operator has to name one where there are several. */
                agencyId?: string;
                /** @description The last day: tomorrow at the latest, and 10 years after `startDate`. Needs `startDate`. */
                endDate?: string;
                /** @description One creator. */
                modelId?: string | "all";
                /** @description The first day, in the agency's zone; from 2015-01-01. Needs `endDate`. */
                startDate?: string;
                /** @description The days up to today, or `startDate` and `endDate` in its place. */
                timeRange?: "7d" | "30d" | "90d" | "1y" | "all";
            };
            header?: {
                /** @description `no-cache` has the figures added up anew, whatever anybody holds. */
                "Cache-Control"?: string;
                /** @description The `ETag` of the answer that the caller holds: 304 while it is still the same. */
                "If-None-Match"?: string;
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The figures. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    ETag: components["headers"]["ETag"];
                    Vary: components["headers"]["Vary"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Dashboard"];
                };
            };
            /** @description What the caller holds is still so. */
            304: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    ETag: components["headers"]["ETag"];
                    Vary: components["headers"]["Vary"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    exportTransactions: {
        parameters: {
            query?: {
                /** @description Whose. Left out: a user's own agency, or the only one there is. The operator has to name one where there are several. */
                agencyId?: string;
                /** @description One category. */
                category?: "subscriptions" | "renewals" | "messages" | "tips" | "posts" | "referrals" | "other" | "refunds";
                /** @description The last day: tomorrow at the latest, and 10 years after `startDate`. Needs `startDate`. */
                endDate?: string;
                /** @description One creator. */
                modelId?: string | "all";
                /** @description One source. */
                source?: "affiliate" | "appStore" | "chargeback" | "checkoutLink" | "fanExperience" | "giveaway" | "mediaLink" | "message" | "post" | "referral" | "refund" | "renewal" | "subscription" | "tip";
                /** @description The first day, in the agency's zone; from 2015-01-01. Needs `endDate`. */
                startDate?: string;
                /** @description The days up to today, or `startDate` and `endDate` in its place. */
                timeRange?: "7d" | "30d" | "90d" | "1y" | "all";
            };
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Lines of RFC 4180; the first one names the cells as `/api/analytics/transactions` names them. One that ends is whole: what fails on its way breaks the connection. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "Content-Disposition": components["headers"]["ContentDisposition"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description `bad_parameter`, `bad_request`: `field` names the parameter. `answer_too_large`: this server sends whole answers only; ask for fewer days or one creator. */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["QueryTooLong"];
            /** @description `too_many_requests`: of syncs, diagnoses and files one caller is given 30 in 10 minutes. */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "Retry-After": components["headers"]["UntilCool"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    followRevision: {
        parameters: {
            query?: {
                /** @description Whose. Left out: a user's own agency, or the only one there is. The operator has to name one where there are several. */
                agencyId?: string;
            };
            header?: {
                /** @description The revision that was heard of last; browsers send it by themselves. */
                "Last-Event-ID"?: number;
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events named `revision`, whose id and `data.revision` are the agency's revision: `id: 7`, `event: revision`, `data: {"revision":7}`. A line that begins with a colon every 15 seconds of silence. The stream ends after 270 seconds; whoever comes back is told at once what happened in between. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    Vary: components["headers"]["Vary"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["QueryTooLong"];
            /** @description `too_many_requests`: this user has too many streams open. */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "Retry-After": components["headers"]["RetryAfter"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            500: components["responses"]["Internal"];
            /** @description `no_streams`: this server sends whole answers only; poll instead. */
            501: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    listTransactions: {
        parameters: {
            query?: {
                /** @description Whose. Left out: a user's own agency, or the only one there is. The operator has to name one where there are several. */
                agencyId?: string;
                /** @description One category. */
                category?: "subscriptions" | "renewals" | "messages" | "tips" | "posts" | "referrals" | "other" | "refunds";
                /** @description The `nextCursor` of the page before, with all other parameters as they were. */
                cursor?: string;
                /** @description The last day: tomorrow at the latest, and 10 years after `startDate`. Needs `startDate`. */
                endDate?: string;
                /** @description Rows of a page. */
                limit?: number;
                /** @description One creator. */
                modelId?: string | "all";
                /** @description One source. */
                source?: "affiliate" | "appStore" | "chargeback" | "checkoutLink" | "fanExperience" | "giveaway" | "mediaLink" | "message" | "post" | "referral" | "refund" | "renewal" | "subscription" | "tip";
                /** @description The first day, in the agency's zone; from 2015-01-01. Needs `endDate`. */
                startDate?: string;
                /** @description The days up to today, or `startDate` and `endDate` in its place. */
                timeRange?: "7d" | "30d" | "90d" | "1y" | "all";
            };
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of rows. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransactionPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    finishLogin: {
        parameters: {
            query?: {
                /** @description What becomes the tokens, once. */
                code?: string;
                /** @description Why there is no code. */
                error?: string;
                /** @description The same in words. */
                error_description?: string;
                /** @description Which login it belongs to. */
                state?: string;
            };
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: {
                /** @description Proves that it is the browser that began; without `__Host-` where PUBLIC_URL is http. */
                "__Host-heartbeat_login"?: string;
            };
        };
        requestBody?: never;
        responses: {
            /** @description The account is connected. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "Set-Cookie": components["headers"]["SetCookie"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description A page: Fanvue or the account's owner refused, or this browser has no such login. A problem: a parameter was sent twice. */
            400: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "Set-Cookie": components["headers"]["SetCookie"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": string;
                };
            };
            /** @description It is another account than was meant. */
            409: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "Set-Cookie": components["headers"]["SetCookie"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            /** @description Fanvue or the database failed; begin again. */
            502: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "Set-Cookie": components["headers"]["SetCookie"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    listConnections: {
        parameters: {
            query?: {
                /** @description One agency. */
                agencyId?: string;
            };
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The accounts. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    disconnectAccount: {
        parameters: {
            query: {
                /** @description The connected account. */
                connectionId: string;
            };
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How the account stands now. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connection"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    beginLogin: {
        parameters: {
            query?: {
                /** @description The agency that the account will belong to. */
                agencyId?: string;
                /** @description An agency that is made if there is none of that name. */
                agencyName?: string;
                /** @description The account to connect again; alone, it says it all. */
                connectionId?: string;
                /** @description Whether it is an agency's account, or a single creator's. */
                kind?: "agency" | "creator";
                /** @description What a link holds: opened by a browser, never made by hand. */
                ticket?: string;
                /** @description IANA name of the zone of a new agency's days; UTC if left out. */
                timezone?: string;
            };
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The link; with a `ticket` a page. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "Set-Cookie": components["headers"]["SetCookie"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginLink"];
                    "text/html": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            /** @description The link no longer works. */
            410: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    refreshConnection: {
        parameters: {
            query: {
                /** @description The connected account. */
                connectionId: string;
            };
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How the account stands now. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connection"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            /** @description `reconnect`: only connecting the account again helps. `held`: another process may hold the new tokens; `detail` says until when. */
            409: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            /** @description `not_refreshed`: Fanvue's login service did not do it. */
            502: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    checkLateShifts: {
        parameters: {
            query?: never;
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the tick did. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertsReport"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    checkLateShiftsByPost: {
        parameters: {
            query?: never;
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the tick did. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertsReport"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    checkMissedPosts: {
        parameters: {
            query?: never;
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the tick did. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertsReport"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    checkMissedPostsByPost: {
        parameters: {
            query?: never;
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the tick did. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertsReport"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    refreshAudience: {
        parameters: {
            query?: never;
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the tick did. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceReport"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    refreshAudienceByPost: {
        parameters: {
            query?: never;
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the tick did. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceReport"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    runProof: {
        parameters: {
            query?: never;
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the tick did. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProofReport"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    runProofByPost: {
        parameters: {
            query?: never;
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the tick did. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProofReport"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    runHeartbeat: {
        parameters: {
            query?: never;
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the tick did. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TickReport"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    runHeartbeatByPost: {
        parameters: {
            query?: never;
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the tick did. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TickReport"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    runScheduler: {
        parameters: {
            query?: never;
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the tick did. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TickReport"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    runSchedulerByPost: {
        parameters: {
            query?: never;
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the tick did. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TickReport"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    diagnoseRevenue: {
        parameters: {
            query?: {
                /** @description Whose. Left out: a user's own agency, or the only one there is. The operator has to name one where there are several. */
                agencyId?: string;
                /** @description Whether rows are compared too, or only totals. */
                depth?: "totals" | "rows";
                /** @description The last day: tomorrow at the latest, and 10 years after `startDate`. Needs `startDate`. */
                endDate?: string;
                /** @description One creator. */
                modelId?: string | "all";
                /** @description Part of creators' names, in any case, in place of `modelId`. */
                modelName?: string;
                /** @description The first day, in the agency's zone; from 2015-01-01. Needs `endDate`. */
                startDate?: string;
                /** @description The days up to today, or `startDate` and `endDate` in its place. */
                timeRange?: "7d" | "30d" | "90d" | "1y" | "all";
            };
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every difference, with its cause and what to do. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevenueDiagnosis"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["QueryTooLong"];
            /** @description `too_many_requests`: of syncs, diagnoses and files one caller is given 30 in 10 minutes. */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "Retry-After": components["headers"]["UntilCool"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    forceSync: {
        parameters: {
            query?: {
                /** @description Whose. Left out: a user's own agency, or the only one there is. The operator has to name one where there are several. */
                agencyId?: string;
                /** @description Tells what would be read, and writes nothing. */
                dryRun?: boolean;
                /** @description One creator; left out: all of the agency's that are connected. */
                modelId?: string | "all";
            };
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description With `dryRun`: what would be read. Nothing was written. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncPlan"];
                };
            };
            /** @description The job, which goes on by itself; `Location` shows it. */
            202: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    Location: components["headers"]["Location"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobAccepted"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            /** @description `reconnect`: nobody of those can be read before a person connects the account again. */
            409: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            414: components["responses"]["QueryTooLong"];
            /** @description `cooling_down`: all of it was read to the end less than five minutes ago, by `jobId`. `too_many_requests`: of syncs, diagnoses and files one caller is given 30 in 10 minutes. */
            429: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "Retry-After": components["headers"]["UntilCool"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It works. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            /** @description It does not; `status` says how. */
            503: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Prometheus' text format, version 0.0.4. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listJobs: {
        parameters: {
            query?: {
                /** @description Whose. Left out: a user's own agency, or the only one there is. The operator has to name one where there are several. */
                agencyId?: string;
                /** @description Only jobs that read this creator, each with that creator's part. */
                modelId?: string | "all";
            };
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description First those that go on, then the newest 20 of the others. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The job. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How it stands. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listRepairs: {
        parameters: {
            query?: {
                /** @description Whose. Left out: a user's own agency, or the only one there is. The operator has to name one where there are several. */
                agencyId?: string;
                /** @description The `nextCursor` of the page before, with all other parameters as they were. */
                cursor?: string;
                /** @description Receipts of a page. */
                limit?: number;
                /** @description One creator. */
                modelId?: string;
            };
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Receipts, the newest first. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RepairPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getSyncStatus: {
        parameters: {
            query?: {
                /** @description Whose. Left out: a user's own agency, or the only one there is. The operator has to name one where there are several. */
                agencyId?: string;
            };
            header?: {
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How reading stands. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncStatus"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            414: components["responses"]["QueryTooLong"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    receiveWebhook: {
        parameters: {
            query?: never;
            header: {
                /** @description `t=<seconds>,v0=<hex>`, of the body as it is sent. */
                "x-fanvue-signature": string;
                /** @description The event's topic, for bodies that don't name it. */
                "x-fanvue-topic"?: string;
                /** @description What to call the request in the reply and in the log. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description An event as Fanvue sends it; 262144 bytes at most. */
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description The event is on disk. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoCache"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookReceipt"];
                };
            };
            /** @description `bad_signature`: the signature proves nothing. */
            401: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
}
