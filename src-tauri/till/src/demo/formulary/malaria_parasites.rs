//! Malaria, worms, amoebae and other parasites.

use super::Form::*;
use super::{Medicine, m};

/// See [`Medicine`].
pub const TABLE: &[Medicine] = &[
    m("Artéméther + luméfantrine", "20 mg/120 mg", Tablet, (4, 6), 15_000, 95),
    m("Artéméther + luméfantrine", "80 mg/480 mg", Tablet, (1, 6), 18_000, 92),
    m("Artéméther + luméfantrine", "20 mg/120 mg", Dispersible, (2, 6), 10_000, 70),
    m("Artésunate + amodiaquine", "100 mg/270 mg", Tablet, (2, 3), 9_000, 66),
    m("Artésunate + amodiaquine", "50 mg/135 mg", Tablet, (1, 3), 6_000, 52),
    m("Artésunate + amodiaquine", "25 mg/67,5 mg", Tablet, (1, 3), 5_000, 40),
    m("Dihydroartémisinine + pipéraquine", "40 mg/320 mg", Coated, (1, 9), 25_000, 48),
    m("Artésunate + pyronaridine", "60 mg/180 mg", Coated, (1, 9), 28_000, 15),
    m("Quinine", "300 mg", Coated, (2, 10), 20_000, 35),
    m("Sulfadoxine + pyriméthamine", "500 mg/25 mg", Tablet, (1, 3), 4_500, 58),
    m("Atovaquone + proguanil", "250 mg/100 mg", Coated, (1, 12), 120_000, 6),
    m("Méfloquine", "250 mg", Tablet, (1, 8), 75_000, 4),
    m("Primaquine", "15 mg", Tablet, (2, 7), 30_000, 3),
    m("Albendazole", "400 mg", Chewable, (1, 1), 2_500, 84),
    m("Mébendazole", "100 mg", Tablet, (1, 6), 4_000, 68),
    m("Mébendazole", "500 mg", Chewable, (1, 1), 3_000, 60),
    m("Praziquantel", "600 mg", Coated, (1, 4), 12_000, 22),
    m("Ivermectine", "3 mg", Tablet, (1, 4), 9_000, 30),
    m("Lévamisole", "150 mg", Tablet, (1, 1), 2_500, 12),
    m("Niclosamide", "500 mg", Chewable, (1, 4), 9_000, 8),
    m("Métronidazole", "250 mg", Coated, (2, 10), 6_000, 78),
    m("Métronidazole", "500 mg", Coated, (2, 10), 9_000, 86),
    m("Tinidazole", "500 mg", Coated, (1, 4), 7_000, 46),
    m("Secnidazole", "500 mg", Coated, (1, 4), 11_000, 36),
    m("Benzoate de benzyle", "25 %", Lotion, (1, 1), 14_000, 20),
    m("Perméthrine", "5 %", Cream, (1, 1), 22_000, 16),
];
