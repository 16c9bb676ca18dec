//! Diabetes, thyroid.

use super::Form::*;
use super::{Medicine, m};

/// See [`Medicine`].
pub const TABLE: &[Medicine] = &[
    m("Metformine", "500 mg", Coated, (3, 10), 10_000, 76),
    m("Metformine", "850 mg", Coated, (3, 10), 12_000, 88),
    m("Metformine", "1 g", Coated, (3, 10), 16_000, 60),
    m("Glibenclamide", "5 mg", Tablet, (3, 10), 9_000, 62),
    m("Gliclazide", "30 mg", Slow, (3, 10), 24_000, 30),
    m("Gliclazide", "60 mg", Slow, (3, 10), 36_000, 28),
    m("Glimépiride", "2 mg", Tablet, (3, 10), 22_000, 46),
    m("Glimépiride", "4 mg", Tablet, (3, 10), 32_000, 32),
    m("Metformine + glibenclamide", "500 mg/5 mg", Coated, (3, 10), 22_000, 26),
    m("Sitagliptine", "100 mg", Coated, (2, 14), 95_000, 8),
    m("Vildagliptine", "50 mg", Tablet, (2, 14), 75_000, 10),
    m("Vildagliptine + metformine", "50 mg/1 g", Coated, (3, 10), 98_000, 12),
    m("Insuline rapide", "100 UI/ml", MultiDose, (1, 1), 65_000, 20),
    m("Insuline isophane", "100 UI/ml", MultiDose, (1, 1), 65_000, 18),
    m("Insuline mixte 30/70", "100 UI/ml", MultiDose, (1, 1), 65_000, 28),
    m("Insuline glargine", "100 UI/ml", Pen, (1, 5), 420_000, 8),
    m("Insuline asparte", "100 UI/ml", Pen, (1, 5), 390_000, 5),
    m("Lévothyroxine", "50 microgrammes", Tablet, (3, 10), 20_000, 14),
    m("Lévothyroxine", "100 microgrammes", Tablet, (3, 10), 24_000, 16),
    m("Carbimazole", "5 mg", Tablet, (3, 10), 26_000, 10),
    m("Carbimazole", "20 mg", Tablet, (3, 10), 42_000, 8),
];
