//! Cursors that come again.

use proptest::prelude::*;

use super::*;

proptest! {
    /// However long the way into the circle and around it, the circle is found.
    #[test]
    fn a_circle_of_cursors_is_always_found(tail in 0..40_u32, circle in 1..40_u32) {
        let mut stream = Stream::default();
        stream.open_pulse(at(0), None, None);
        let mut verdict = PageVerdict::More;
        for page in 0..400_u32 {
            let n = if page < tail { page } else { tail + (page - tail) % circle };
            verdict = stream.read_page(0, &facts(None, Some(&cursor(n))));
            if verdict != PageVerdict::More {
                break;
            }
        }
        prop_assert_eq!(verdict, PageVerdict::Loop);
        prop_assert_eq!(stream.windows[0].restarts, 1);
        prop_assert!(stream.windows[0].pass.cursor.is_none());
    }

    /// Distinct cursors are never taken for a circle.
    #[test]
    fn a_straight_way_is_never_a_circle(pages in 1..400_u32) {
        let mut stream = Stream::default();
        stream.open_pulse(at(0), None, None);
        for page in 0..pages {
            prop_assert_eq!(
                stream.read_page(0, &facts(None, Some(&cursor(page)))), PageVerdict::More
            );
        }
    }
}
