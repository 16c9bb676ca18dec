//! Forms for children, from drops to rehydration.

use super::Form::*;
use super::{Medicine, m};

/// See [`Medicine`].
pub const TABLE: &[Medicine] = &[
    m("Paracétamol", "120 mg/5 ml", Syrup, (1, 1), 9_000, 94),
    m("Paracétamol", "2,4 %", Suspension, (1, 1), 11_000, 60),
    m("Paracétamol", "100 mg", Suppository, (2, 5), 7_000, 48),
    m("Paracétamol", "150 mg", Suppository, (2, 5), 7_500, 46),
    m("Paracétamol", "300 mg", Suppository, (2, 5), 8_500, 38),
    m("Ibuprofène", "100 mg/5 ml", Suspension, (1, 1), 13_000, 72),
    m("Amoxicilline", "125 mg/5 ml", Suspension, (1, 1), 10_000, 74),
    m("Amoxicilline", "250 mg/5 ml", Suspension, (1, 1), 13_000, 86),
    m("Amoxicilline + acide clavulanique", "100 mg/12,5 mg par ml", Suspension, (1, 1), 42_000, 50),
    m("Ampicilline", "250 mg/5 ml", Suspension, (1, 1), 13_500, 22),
    m("Cotrimoxazole", "240 mg/5 ml", Suspension, (1, 1), 9_000, 68),
    m("Azithromycine", "200 mg/5 ml", Suspension, (1, 1), 26_000, 40),
    m("Érythromycine", "250 mg/5 ml", Suspension, (1, 1), 18_000, 26),
    m("Céfixime", "100 mg/5 ml", Suspension, (1, 1), 34_000, 32),
    m("Céfaclor", "250 mg/5 ml", Suspension, (1, 1), 38_000, 14),
    m("Cloxacilline", "125 mg/5 ml", Suspension, (1, 1), 15_000, 20),
    m("Métronidazole", "125 mg/5 ml", Suspension, (1, 1), 9_500, 64),
    m("Albendazole", "100 mg/5 ml", Suspension, (1, 1), 6_000, 58),
    m("Mébendazole", "100 mg/5 ml", Suspension, (1, 1), 6_500, 44),
    m("Pyrantel", "125 mg/2,5 ml", Suspension, (1, 1), 12_000, 26),
    m("Nystatine", "100 000 UI/ml", Suspension, (1, 1), 16_000, 30),
    m("Artéméther + luméfantrine", "15 mg/90 mg par 5 ml", Suspension, (1, 1), 16_000, 56),
    m("Sels de réhydratation orale", "20,5 g", Sachet, (1, 20), 20_000, 90),
    m("Zinc", "20 mg", Dispersible, (1, 10), 5_000, 76),
    m("Multivitamines", "100 ml", Syrup, (1, 1), 14_000, 62),
    m("Fer", "50 mg/5 ml", Syrup, (1, 1), 15_000, 50),
    m("Carbocistéine", "2 %", Syrup, (1, 1), 12_000, 54),
    m("Dompéridone", "1 mg/ml", Suspension, (1, 1), 17_000, 34),
    m("Cholécalciférol", "10 000 UI/ml", OralDrops, (1, 1), 24_000, 28),
    m("Salbutamol", "2 mg/5 ml", Syrup, (1, 1), 11_000, 36),
    m("Desloratadine", "0,5 mg/ml", Syrup, (1, 1), 22_000, 20),
    m("Siméticone", "40 mg/ml", OralDrops, (1, 1), 18_000, 24),
];
