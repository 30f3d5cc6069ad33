//! A text as a QR code (ISO/IEC 18004), drawn as one path of squares.

use qrcodegen::{QrCode, QrCodeEcc};

/// Squares of white around it that readers need.
const MARGIN: i32 = 4;

/// A QR code as a drawing: dark squares of one unit on a light ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    /// Units of each side, the margin with them.
    pub side: i32,
    /// The dark squares, as the `d` of an SVG path.
    pub path: String,
}

/// The code of a text; none where it is too long for one.
#[must_use]
pub fn draw(text: &str) -> Option<Qr> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = code.size();
    let mut runs = Vec::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let end = (x..size).find(|at| !code.get_module(*at, y)).unwrap_or(size);
            if end > x {
                let length = end - x;
                runs.push(format!("M{} {}h{length}v1h-{length}z", x + MARGIN, y + MARGIN));
            }
            x = end + 1;
        }
    }
    Some(Qr { side: size + 2 * MARGIN, path: runs.concat() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_its_margin() {
        let qr = draw("otpauth://totp/A:b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=A").unwrap();
        let far = qr.side - MARGIN - 7;
        for (x, y) in [(MARGIN, MARGIN), (far, MARGIN), (MARGIN, far)] {
            assert!(qr.path.contains(&format!("M{x} {y}h7v1h-7z")), "{x} {y}: {}", qr.path);
        }
        assert!(!qr.path.contains("M3 ") && qr.path.starts_with("M4 4h7"));
        assert!(draw(&"a".repeat(3_000)).is_none());
    }
}
