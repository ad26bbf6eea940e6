//! Adds up the columns of a file that comes in pieces (RFC 4180). Integers only, and nothing of the
//! file is kept.

use crate::Failure;

/// The columns that are added up.
const COLUMNS: [&str; 2] = ["amountCents", "netCents"];

/// What the file holds so far.
#[derive(Debug, Default)]
pub(super) struct Sums {
    pub(super) gross_cents: i128,
    pub(super) net_cents: i128,
    /// Lines after the first.
    pub(super) rows: u64,
    pub(super) bytes: u64,
    /// Where the columns are; unknown before the first line has ended.
    places: Option<[usize; 2]>,
    /// How many cells a line has.
    width: usize,
    line: Line,
}

/// A line that has not ended.
#[derive(Debug, Default)]
struct Line {
    /// Inside quotes, where commas and ends of lines are text.
    is_quoted: bool,
    /// The cells that ended and are wanted: all of the first line, later only those to add.
    cells: Vec<String>,
    /// How many cells have ended.
    count: usize,
    /// The cell that has not ended, if it is wanted.
    cell: String,
}

impl Sums {
    /// Adds a piece.
    pub(super) fn add(&mut self, piece: &[u8]) -> Result<(), Failure> {
        self.bytes += piece.len() as u64;
        for byte in piece {
            match byte {
                // Two of them inside quotes are one as text: out, and in again.
                b'"' => self.line.is_quoted = !self.line.is_quoted,
                b',' if !self.line.is_quoted => self.end_cell(),
                b'\r' if !self.line.is_quoted => {}
                b'\n' if !self.line.is_quoted => {
                    self.end_cell();
                    self.end_line()?;
                }
                // Of a text only its length in cells matters: the numbers are ASCII.
                byte if self.is_wanted() => self.line.cell.push(char::from(*byte)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether the file ended where a line did, and had a first one.
    pub(super) fn check_end(&self) -> Result<(), Failure> {
        let line = &self.line;
        if self.places.is_some() && !line.is_quoted && line.count == 0 && line.cell.is_empty() {
            return Ok(());
        }
        Err(Failure::new("the file ends within a line"))
    }

    fn is_wanted(&self) -> bool {
        self.places.is_none_or(|places| places.contains(&self.line.count))
    }

    fn end_cell(&mut self) {
        if self.is_wanted() {
            self.line.cells.push(std::mem::take(&mut self.line.cell));
        }
        self.line.count += 1;
    }

    fn end_line(&mut self) -> Result<(), Failure> {
        let Line { cells, count, .. } = std::mem::take(&mut self.line);
        if self.places.is_none() {
            let place = |name: &str| {
                let place = cells.iter().position(|cell| cell == name);
                place.ok_or_else(|| Failure::new(format!("the file has no column {name}")))
            };
            self.places = Some([place(COLUMNS[0])?, place(COLUMNS[1])?]);
            self.width = count;
            return Ok(());
        }
        let [gross, net] = cells.as_slice() else {
            return Err(Failure::new("a line is too short"));
        };
        if count != self.width {
            return Err(Failure::new(format!("a line has {count} cells, not {}", self.width)));
        }
        let cents = |text: &str| {
            text.parse::<i64>().map(i128::from).map_err(Failure::while_doing("no whole cents"))
        };
        self.gross_cents += cents(gross)?;
        self.net_cents += cents(net)?;
        self.rows += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "state,fanName,amountCents,netCents,postId\r\n\
                        booked,\"Ada, \"\"the\r\nfirst\"\"\",1000,800,\r\n\
                        booked,Bo,-250,-200,é\r\n";

    fn sums(pieces: &[&[u8]]) -> Result<Sums, Failure> {
        let mut sums = Sums::default();
        pieces.iter().try_for_each(|piece| sums.add(piece))?;
        sums.check_end().map(|()| sums)
    }

    #[test]
    fn columns_add_up_wherever_the_file_is_cut() {
        for cut in 0..FILE.len() {
            let (first, rest) = FILE.as_bytes().split_at(cut);
            let sums = sums(&[first, rest]).unwrap();
            assert_eq!((sums.gross_cents, sums.net_cents, sums.rows), (750, 600, 2), "{cut}");
            assert_eq!(sums.bytes, FILE.len() as u64);
        }
    }

    #[test]
    fn a_file_that_is_not_whole_is_refused() {
        let cut = &FILE.as_bytes()[..FILE.len() - 2];
        let (short, long) =
            ("a,amountCents,netCents\r\nb,1\r\n", "amountCents,netCents\r\n1,2,3\r\n");
        for wrong in [cut, b"", b"a,netCents\r\n", short.as_bytes(), long.as_bytes()] {
            assert!(sums(&[wrong]).is_err(), "{}", String::from_utf8_lossy(wrong));
        }
    }
}
