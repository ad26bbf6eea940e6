//! When spans are sent, and when they wait: a collector took nothing a moment ago, or no time is left.

use super::*;

#[tokio::test]
async fn half_of_what_can_wait_is_sent_without_being_asked() {
    let (export, collector) = export();
    make(&export, SPANS_MAX / 2);
    // What was spawned takes its turn before this task does again.
    tokio::task::yield_now().await;
    assert_eq!(collector.spans().len(), SPANS_MAX / 2);
    let sizes = collector.messages.lock().unwrap().len();
    assert_eq!(sizes, SPANS_MAX / 2 / BATCH_MAX);
}

#[tokio::test]
async fn a_collector_that_took_nothing_holds_up_one_answer_and_not_the_next_ones() {
    for status in [0, 1, 503] {
        let collector = Collector::new(status, "");
        let (export, clock) = timed(&collector);
        let asked = || collector.messages.lock().unwrap().len();
        make(&export, 3);
        export.flush().await;
        assert_eq!((asked(), export.dropped()), (1, 3), "{status}");
        collector.status.store(200, Ordering::Relaxed);
        for _ in 0..5 {
            make(&export, 2);
            export.flush().await;
        }
        assert_eq!((asked(), export.dropped()), (1, 3), "{status}: what comes meanwhile waits");
        clock.advance(REST);
        export.flush().await;
        assert_eq!((asked(), export.dropped()), (2, 3), "{status}");
        assert_eq!(collector.spans().len(), 3 + 10);
        make(&export, 1);
        export.flush().await;
        assert_eq!(asked(), 3, "{status}: whoever takes what it is sent is sent it at once");
    }
}

#[tokio::test]
async fn where_no_time_is_left_nothing_is_begun_and_nothing_lost() {
    let (export, collector) = export();
    make(&export, 3);
    for left in [Duration::ZERO, LEFT_MIN - Duration::from_millis(1)] {
        export.flush_within(left).await;
        assert_eq!((collector.messages.lock().unwrap().len(), export.dropped()), (0, 0));
    }
    export.flush_within(LEFT_MIN).await;
    assert_eq!(collector.spans().len(), 3, "they waited for the next invocation");
    make(&export, 1);
    export.flush_within(Duration::MAX).await;
    assert_eq!(collector.spans().len(), 4);
}

#[tokio::test]
async fn what_is_past_half_when_a_collector_is_back_is_sent_without_being_asked() {
    let collector = Collector::new(503, "");
    let (export, clock) = timed(&collector);
    make(&export, SPANS_MAX / 2);
    tokio::task::yield_now().await;
    assert_eq!(collector.messages.lock().unwrap().len(), 1, "one message is refused");
    collector.status.store(200, Ordering::Relaxed);
    // Past half, and left alone for as long as it rests.
    let waiting = SPANS_MAX / 2 - BATCH_MAX;
    for _ in waiting..=SPANS_MAX / 2 {
        make(&export, 1);
        clock.advance(SignedDuration::from_secs(-2));
    }
    tokio::task::yield_now().await;
    assert_eq!(collector.messages.lock().unwrap().len(), 1);
    clock.advance(REST);
    make(&export, 1);
    tokio::task::yield_now().await;
    let messages = collector.messages.lock().unwrap().len();
    assert_eq!(messages, 1 + (SPANS_MAX / 2 + 2).div_ceil(BATCH_MAX));
}

#[tokio::test]
async fn a_clock_that_is_set_back_keeps_nobody_waiting() {
    let collector = Collector::new(503, "");
    let (export, clock) = timed(&collector);
    make(&export, 1);
    export.flush().await;
    collector.status.store(200, Ordering::Relaxed);
    clock.advance(SignedDuration::from_hours(-1));
    make(&export, 1);
    export.flush().await;
    assert_eq!(collector.messages.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn no_more_waits_than_there_is_room_for_and_the_oldest_go_first() {
    let (export, collector) = export();
    // No runtime is entered there, so nothing is sent on the way.
    let made = Arc::clone(&export);
    let making = std::thread::spawn(move || make(&made, SPANS_MAX + 100));
    tokio::task::spawn_blocking(move || making.join().unwrap()).await.unwrap();
    assert_eq!(export.dropped(), 100);
    export.flush().await;
    let spans = collector.spans();
    assert_eq!(spans.len(), SPANS_MAX);
    let messages = collector.messages.lock().unwrap().len();
    assert_eq!(messages, SPANS_MAX / BATCH_MAX);
    let first = spans[0]["startTimeUnixNano"].as_str().unwrap();
    assert_eq!(first, "1795255401000000000", "those of the first 200 seconds are gone");
}
