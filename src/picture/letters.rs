//! The few letters that are written into what is covered, in squares of five by seven, so that no font is needed.

/// Squares of a letter across.
const WIDTH: u32 = 5;
/// From one letter to the next.
const PITCH: u32 = 6;
/// Squares of a letter from top to bottom.
const HEIGHT: u32 = 7;

/// The rows of a letter from the top, each with its leftmost square first; nothing for a letter that no word here has.
fn rows(letter: char) -> [u8; 7] {
    match letter {
        'c' => [0, 0, 0b01110, 0b10001, 0b10000, 0b10001, 0b01110],
        'd' => [0b00001, 0b00001, 0b01101, 0b10011, 0b10001, 0b10011, 0b01101],
        'e' => [0, 0, 0b01110, 0b10001, 0b11111, 0b10000, 0b01111],
        'm' => [0, 0, 0b11010, 0b10101, 0b10101, 0b10101, 0b10101],
        'o' => [0, 0, 0b01110, 0b10001, 0b10001, 0b10001, 0b01110],
        'r' => [0, 0, 0b10110, 0b11001, 0b10000, 0b10000, 0b10000],
        'v' => [0, 0, 0b10001, 0b10001, 0b10001, 0b01010, 0b00100],
        _ => [0; 7],
    }
}

/// Width and height of a word, in squares.
pub(super) fn size(word: &str) -> (u32, u32) {
    let letters = u32::try_from(word.chars().count()).unwrap_or(u32::MAX);
    (letters.saturating_mul(PITCH).saturating_sub(PITCH - WIDTH), HEIGHT)
}

/// Whether a square belongs to the lines of a word.
pub(super) fn is_drawn(word: &str, x: u32, y: u32) -> bool {
    let (place, column) = (x / PITCH, x % PITCH);
    let (Ok(place), Ok(row)) = (usize::try_from(place), usize::try_from(y)) else { return false };
    let squares = word.chars().nth(place).and_then(|letter| rows(letter).get(row).copied());
    column < WIDTH && squares.is_some_and(|squares| (squares >> (WIDTH - 1 - column)) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A word as it is seen.
    fn seen(word: &str) -> Vec<String> {
        let (width, height) = size(word);
        let row = |y| (0..width).map(|x| if is_drawn(word, x, y) { '#' } else { ' ' }).collect();
        (0..height).map(row).collect()
    }

    #[test]
    fn letters_stand_side_by_side() {
        let drawn = [
            "                #",
            "                #",
            "# ##   ###   ## #",
            "##  # #   # #  ##",
            "#     ##### #   #",
            "#     #     #  ##",
            "#      ####  ## #",
        ];
        assert_eq!(seen("red"), drawn);
        for word in ["covered", "removed"] {
            assert!(word.chars().all(|letter| rows(letter) != [0; 7]), "{word}");
        }
        assert!(!is_drawn("red", 17, 0) && !is_drawn("red", 0, 7) && !is_drawn("", 0, 0));
    }
}
