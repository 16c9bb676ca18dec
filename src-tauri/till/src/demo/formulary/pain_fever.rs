//! Pain, fever, inflammation, gout.

use super::Form::*;
use super::{Medicine, m};

/// See [`Medicine`].
pub const TABLE: &[Medicine] = &[
    m("Paracétamol", "500 mg", Tablet, (2, 10), 4_000, 100),
    m("Paracétamol", "1 g", Tablet, (1, 8), 6_000, 96),
    m("Paracétamol", "500 mg", Effervescent, (4, 4), 9_000, 80),
    m("Paracétamol", "1 g", Effervescent, (2, 4), 9_500, 72),
    m("Paracétamol", "500 mg", Capsule, (2, 8), 6_000, 60),
    m("Ibuprofène", "200 mg", Coated, (2, 10), 6_000, 82),
    m("Ibuprofène", "400 mg", Coated, (2, 10), 8_000, 90),
    m("Ibuprofène", "600 mg", Coated, (3, 10), 15_000, 40),
    m("Acide acétylsalicylique", "500 mg", Tablet, (2, 10), 5_000, 55),
    m("Acide acétylsalicylique", "1 g", Effervescent, (2, 5), 9_000, 30),
    m("Diclofénac", "50 mg", Coated, (2, 10), 7_000, 85),
    m("Diclofénac", "100 mg", Slow, (2, 10), 12_000, 50),
    m("Diclofénac", "100 mg", Suppository, (2, 5), 9_500, 35),
    m("Kétoprofène", "100 mg", Coated, (3, 10), 18_000, 30),
    m("Kétoprofène", "150 mg", Slow, (2, 10), 22_000, 20),
    m("Naproxène", "500 mg", Coated, (1, 10), 14_000, 22),
    m("Piroxicam", "20 mg", Capsule, (1, 10), 9_000, 34),
    m("Indométacine", "25 mg", Capsule, (3, 10), 12_000, 18),
    m("Méloxicam", "7,5 mg", Tablet, (1, 10), 12_500, 25),
    m("Méloxicam", "15 mg", Tablet, (1, 10), 16_000, 24),
    m("Célécoxib", "200 mg", Capsule, (1, 10), 28_000, 12),
    m("Acide méfénamique", "500 mg", Coated, (2, 10), 13_000, 26),
    m("Tramadol", "50 mg", Capsule, (2, 10), 12_000, 45),
    m("Tramadol", "100 mg", Slow, (3, 10), 30_000, 18),
    m("Paracétamol + codéine", "500 mg/30 mg", Tablet, (2, 8), 18_000, 38),
    m("Paracétamol + tramadol", "325 mg/37,5 mg", Coated, (2, 10), 24_000, 28),
    m("Morphine", "10 mg", Slow, (2, 7), 32_000, 5),
    m("Néfopam", "30 mg", Coated, (2, 10), 35_000, 8),
    m("Allopurinol", "100 mg", Tablet, (3, 10), 15_000, 18),
    m("Allopurinol", "300 mg", Tablet, (2, 14), 20_000, 14),
    m("Colchicine", "1 mg", Tablet, (1, 20), 16_000, 16),
    m("Thiocolchicoside", "4 mg", Tablet, (2, 12), 26_000, 20),
];
