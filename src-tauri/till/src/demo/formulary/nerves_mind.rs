//! Epilepsy, sleep, mood, nerves.

use super::Form::*;
use super::{Medicine, m};

/// See [`Medicine`].
pub const TABLE: &[Medicine] = &[
    m("Phénobarbital", "50 mg", Tablet, (3, 10), 9_000, 18),
    m("Phénobarbital", "100 mg", Tablet, (3, 10), 12_000, 22),
    m("Carbamazépine", "200 mg", Tablet, (5, 10), 24_000, 24),
    m("Carbamazépine", "400 mg", Slow, (3, 10), 36_000, 8),
    m("Acide valproïque", "200 mg", Coated, (4, 10), 36_000, 16),
    m("Acide valproïque", "500 mg", Slow, (3, 10), 48_000, 14),
    m("Phénytoïne", "100 mg", Tablet, (3, 10), 16_000, 6),
    m("Lévétiracétam", "500 mg", Coated, (6, 10), 130_000, 5),
    m("Lamotrigine", "100 mg", Dispersible, (3, 10), 62_000, 3),
    m("Diazépam", "5 mg", Tablet, (3, 10), 9_000, 16),
    m("Diazépam", "10 mg", Tablet, (3, 10), 12_000, 14),
    m("Bromazépam", "6 mg", Tablet, (3, 10), 18_000, 22),
    m("Alprazolam", "0,5 mg", Tablet, (3, 10), 20_000, 12),
    m("Clonazépam", "2 mg", Tablet, (4, 10), 26_000, 8),
    m("Zolpidem", "10 mg", Coated, (1, 14), 22_000, 8),
    m("Amitriptyline", "25 mg", Coated, (3, 10), 13_000, 28),
    m("Fluoxétine", "20 mg", Capsule, (2, 14), 26_000, 10),
    m("Sertraline", "50 mg", Coated, (3, 10), 38_000, 8),
    m("Escitalopram", "10 mg", Coated, (2, 14), 46_000, 6),
    m("Halopéridol", "5 mg", Tablet, (3, 10), 15_000, 8),
    m("Chlorpromazine", "100 mg", Coated, (3, 10), 16_000, 7),
    m("Rispéridone", "2 mg", Coated, (3, 10), 32_000, 6),
    m("Olanzapine", "10 mg", Coated, (2, 14), 52_000, 5),
    m("Lévodopa + carbidopa", "250 mg/25 mg", Tablet, (5, 10), 85_000, 3),
    m("Trihexyphénidyle", "5 mg", Tablet, (3, 10), 14_000, 6),
    m("Bétahistine", "16 mg", Tablet, (3, 10), 38_000, 16),
    m("Prégabaline", "75 mg", Capsule, (2, 14), 48_000, 16),
    m("Gabapentine", "300 mg", Capsule, (3, 10), 52_000, 8),
    m("Piracétam", "800 mg", Coated, (3, 10), 32_000, 14),
];
