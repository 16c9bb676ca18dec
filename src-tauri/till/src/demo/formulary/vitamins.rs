//! Vitamins, minerals, tonics.

use super::Form::*;
use super::{Medicine, m};

/// See [`Medicine`].
pub const TABLE: &[Medicine] = &[
    m("Acide ascorbique", "500 mg", Chewable, (2, 10), 8_000, 74),
    m("Acide ascorbique", "1 g", Effervescent, (1, 10), 12_000, 82),
    m("Vitamines B1 + B6 + B12", "250 mg/250 mg/1 mg", Coated, (2, 10), 20_000, 66),
    m("Complexe de vitamines B", "dose quotidienne", Tablet, (3, 10), 9_000, 58),
    m("Thiamine", "250 mg", Tablet, (2, 10), 14_000, 18),
    m("Pyridoxine", "250 mg", Tablet, (2, 10), 14_000, 16),
    m("Cyanocobalamine", "1 mg", Tablet, (2, 10), 16_000, 14),
    m("Rétinol", "200 000 UI", SoftCapsule, (1, 10), 14_000, 16),
    m("Tocophérol", "400 UI", SoftCapsule, (3, 10), 26_000, 20),
    m("Cholécalciférol", "100 000 UI", Drinkable, (1, 1), 18_000, 24),
    m("Calcium + vitamine D3", "500 mg/400 UI", Chewable, (3, 10), 32_000, 42),
    m("Carbonate de calcium", "500 mg", Chewable, (3, 10), 18_000, 24),
    m("Magnésium + vitamine B6", "470 mg/5 mg", Coated, (5, 10), 30_000, 60),
    m("Zinc", "15 mg", Capsule, (3, 10), 20_000, 20),
    m("Multivitamines + minéraux", "dose quotidienne", Coated, (3, 10), 28_000, 56),
    m("Multivitamines", "dose quotidienne", Effervescent, (1, 20), 24_000, 40),
    m("Arginine", "1 g/5 ml", Drinkable, (1, 20), 48_000, 22),
    m("Citrate de bétaïne", "2 g", Effervescent, (1, 20), 34_000, 26),
];
