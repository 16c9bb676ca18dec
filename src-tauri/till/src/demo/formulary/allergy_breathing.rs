//! Allergy, asthma, cough, cold.

use super::Form::*;
use super::{Medicine, m};

/// See [`Medicine`].
pub const TABLE: &[Medicine] = &[
    m("Cétirizine", "10 mg", Coated, (1, 10), 6_000, 82),
    m("Loratadine", "10 mg", Tablet, (1, 10), 7_000, 68),
    m("Desloratadine", "5 mg", Coated, (1, 10), 16_000, 34),
    m("Chlorphénamine", "4 mg", Tablet, (2, 10), 4_500, 72),
    m("Dexchlorphéniramine", "2 mg", Tablet, (2, 10), 8_000, 30),
    m("Prométhazine", "25 mg", Coated, (2, 10), 9_000, 36),
    m("Hydroxyzine", "25 mg", Coated, (3, 10), 18_000, 20),
    m("Cétirizine", "1 mg/ml", Syrup, (1, 1), 13_000, 50),
    m("Prométhazine", "0,1 %", Syrup, (1, 1), 10_500, 40),
    m("Prednisolone", "5 mg", Tablet, (3, 10), 12_000, 56),
    m("Prednisolone", "20 mg", Effervescent, (2, 10), 20_000, 48),
    m("Prednisone", "5 mg", Tablet, (3, 10), 11_000, 24),
    m("Bétaméthasone", "2 mg", Tablet, (2, 10), 22_000, 26),
    m("Dexaméthasone", "0,5 mg", Tablet, (2, 10), 7_500, 30),
    m("Méthylprednisolone", "16 mg", Tablet, (2, 10), 38_000, 8),
    m("Salbutamol", "100 microgrammes/dose", Inhaler, (1, 1), 24_000, 60),
    m("Salbutamol", "4 mg", Tablet, (3, 10), 9_000, 34),
    m("Béclométasone", "250 microgrammes/dose", Inhaler, (1, 1), 48_000, 20),
    m("Budésonide + formotérol", "160/4,5 microgrammes", Inhaler, (1, 1), 145_000, 6),
    m("Fluticasone + salmétérol", "125/25 microgrammes", Inhaler, (1, 1), 160_000, 5),
    m("Théophylline", "200 mg", Slow, (3, 10), 20_000, 12),
    m("Montélukast", "10 mg", Coated, (2, 14), 58_000, 10),
    m("Ambroxol", "30 mg", Tablet, (2, 10), 10_000, 44),
    m("Ambroxol", "15 mg/5 ml", Syrup, (1, 1), 13_000, 52),
    m("Acétylcystéine", "200 mg", Sachet, (1, 20), 24_000, 38),
    m("Acétylcystéine", "600 mg", Effervescent, (1, 10), 26_000, 16),
    m("Carbocistéine", "5 %", Syrup, (1, 1), 15_000, 66),
    m("Dextrométhorphane", "15 mg/5 ml", Syrup, (1, 1), 16_000, 46),
    m("Oxomémazine", "0,33 mg/ml", Syrup, (1, 1), 17_000, 32),
    m("Paracétamol + chlorphénamine + vitamine C", "500 mg/4 mg/200 mg", Sachet, (1, 8), 20_000, 70),
    m("Xylométazoline", "0,1 %", Nasal, (1, 1), 15_000, 36),
    m("Chlorure de sodium", "0,9 %", Nasal, (1, 1), 9_000, 42),
];
