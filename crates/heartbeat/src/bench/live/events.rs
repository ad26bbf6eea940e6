//! Server-sent events as they come over the wire, in pieces that need not be whole events.

/// What has come of an event that has not ended.
#[derive(Debug, Default)]
pub(super) struct Events {
    begun: String,
}

impl Events {
    /// The revisions that the events tell which end with this piece.
    pub(super) fn read(&mut self, piece: &[u8]) -> Vec<u64> {
        // The server's events are ASCII.
        self.begun.push_str(&String::from_utf8_lossy(piece));
        let mut revisions = vec![];
        while let Some((event, rest)) = self.begun.split_once("\n\n") {
            let id = event.lines().find_map(|line| line.strip_prefix("id: "));
            revisions.extend(id.and_then(|id| id.parse::<u64>().ok()));
            self.begun = rest.to_owned();
        }
        revisions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_are_read_from_whatever_pieces_come() {
        let mut events = Events::default();
        let text =
            "retry: 3000\n\nid: 7\nevent: revision\ndata: {\"revision\":7}\n\n: still here\n\n";
        assert_eq!(events.read(text.as_bytes()), [7]);
        let halves = ["id: 8\nevent: revi", "sion\ndata: {}\n", "\nid: 9\ndata: {}\n\nretry: "];
        let told = halves.map(|half| events.read(half.as_bytes()));
        assert_eq!(told, [vec![], vec![], vec![8, 9]]);
        assert_eq!(events.read(b"250\n\n"), [0_u64; 0]);
    }
}
