//! Contraception, pregnancy, gynaecology, urology.

use super::Form::*;
use super::{Medicine, m};

/// See [`Medicine`].
pub const TABLE: &[Medicine] = &[
    m("Lévonorgestrel + éthinylestradiol", "0,15 mg/0,03 mg", Coated, (1, 28), 5_000, 54),
    m("Lévonorgestrel", "1,5 mg", Tablet, (1, 1), 9_000, 62),
    m("Désogestrel", "75 microgrammes", Coated, (1, 28), 18_000, 16),
    m("Médroxyprogestérone", "150 mg/ml", Ampoule, (1, 1), 8_000, 34),
    m("Progestérone", "200 mg", SoftCapsule, (1, 15), 52_000, 12),
    m("Dydrogestérone", "10 mg", Coated, (2, 10), 78_000, 10),
    m("Noréthistérone", "5 mg", Tablet, (2, 10), 20_000, 18),
    m("Clomifène", "50 mg", Tablet, (1, 5), 34_000, 6),
    m("Misoprostol", "200 microgrammes", Tablet, (1, 4), 16_000, 10),
    m("Acide folique", "5 mg", Tablet, (2, 10), 5_000, 78),
    m("Fer + acide folique", "200 mg/0,4 mg", Coated, (3, 10), 7_000, 88),
    m("Fumarate ferreux", "200 mg", Coated, (3, 10), 8_000, 40),
    m("Clotrimazole", "500 mg", Ovule, (1, 1), 9_000, 44),
    m("Clotrimazole", "100 mg", Ovule, (1, 6), 11_000, 36),
    m("Métronidazole", "500 mg", Ovule, (1, 10), 16_000, 46),
    m("Néomycine + polymyxine B + nystatine", "35 000 UI/35 000 UI/100 000 UI", Ovule, (1, 12), 34_000, 40),
    m("Éconazole", "150 mg", Ovule, (1, 3), 18_000, 24),
    m("Miconazole", "400 mg", Ovule, (1, 3), 22_000, 14),
    m("Acide tranexamique", "500 mg", Coated, (2, 10), 34_000, 16),
    m("Bromocriptine", "2,5 mg", Tablet, (3, 10), 48_000, 6),
    m("Tamsulosine", "0,4 mg", Capsule, (3, 10), 42_000, 14),
    m("Finastéride", "5 mg", Coated, (2, 14), 52_000, 8),
    m("Sildénafil", "50 mg", Coated, (1, 4), 16_000, 46),
    m("Sildénafil", "100 mg", Coated, (1, 4), 20_000, 52),
    m("Tadalafil", "20 mg", Coated, (1, 4), 28_000, 36),
    m("Oxybutynine", "5 mg", Tablet, (3, 10), 36_000, 4),
];
