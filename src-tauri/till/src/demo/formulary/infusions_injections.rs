//! Infusions and injections.

use super::Form::*;
use super::{Medicine, m};

/// See [`Medicine`].
pub const TABLE: &[Medicine] = &[
    m("Chlorure de sodium", "0,9 %, 500 ml", Bag, (1, 1), 9_000, 62),
    m("Glucose", "5 %, 500 ml", Bag, (1, 1), 9_000, 60),
    m("Glucose", "10 %, 500 ml", Bag, (1, 1), 10_000, 38),
    m("Ringer lactate", "500 ml", Bag, (1, 1), 9_500, 58),
    m("Métronidazole", "500 mg/100 ml", Bag, (1, 1), 9_000, 44),
    m("Ciprofloxacine", "200 mg/100 ml", Bag, (1, 1), 12_000, 24),
    m("Paracétamol", "1 g/100 ml", Bag, (1, 1), 16_000, 54),
    m("Mannitol", "20 %, 500 ml", Bag, (1, 1), 26_000, 4),
    m("Artésunate", "60 mg", Vial, (1, 1), 16_000, 56),
    m("Artéméther", "80 mg/ml", Ampoule, (1, 5), 20_000, 58),
    m("Quinine", "600 mg/2 ml", Ampoule, (1, 10), 42_000, 26),
    m("Ceftriaxone", "1 g", Vial, (1, 1), 10_000, 84),
    m("Ceftriaxone", "500 mg", Vial, (1, 1), 7_500, 30),
    m("Céfotaxime", "1 g", Vial, (1, 1), 14_000, 16),
    m("Ampicilline", "1 g", Vial, (1, 1), 6_000, 42),
    m("Benzathine benzylpénicilline", "2,4 MUI", Vial, (1, 1), 8_000, 24),
    m("Benzylpénicilline", "5 MUI", Vial, (1, 1), 7_000, 12),
    m("Gentamicine", "80 mg/2 ml", Ampoule, (1, 10), 14_000, 46),
    m("Lincomycine", "600 mg/2 ml", Ampoule, (1, 3), 18_000, 10),
    m("Diclofénac", "75 mg/3 ml", Ampoule, (1, 5), 9_000, 60),
    m("Tramadol", "100 mg/2 ml", Ampoule, (1, 5), 16_000, 28),
    m("Phloroglucinol", "40 mg/4 ml", Ampoule, (1, 6), 20_000, 32),
    m("Métoclopramide", "10 mg/2 ml", Ampoule, (1, 10), 14_000, 34),
    m("Dexaméthasone", "4 mg/ml", Ampoule, (1, 10), 16_000, 44),
    m("Hydrocortisone", "100 mg", Vial, (1, 1), 9_000, 30),
    m("Furosémide", "20 mg/2 ml", Ampoule, (1, 10), 16_000, 20),
    m("Adrénaline", "1 mg/ml", Ampoule, (1, 10), 24_000, 8),
    m("Atropine", "1 mg/ml", Ampoule, (1, 10), 18_000, 6),
    m("Diazépam", "10 mg/2 ml", Ampoule, (1, 10), 22_000, 10),
    m("Lidocaïne", "2 %, 20 ml", MultiDose, (1, 1), 8_000, 24),
    m("Ocytocine", "10 UI/ml", Ampoule, (1, 10), 24_000, 12),
    m("Phytoménadione", "10 mg/ml", Ampoule, (1, 5), 20_000, 8),
    m("Oméprazole", "40 mg", Vial, (1, 1), 16_000, 22),
    m("Sulfate de magnésium", "50 %", Ampoule, (1, 10), 26_000, 4),
    m("Sérum antitétanique", "1 500 UI", Ampoule, (1, 1), 24_000, 14),
    m("Eau pour préparations injectables", "10 ml", Ampoule, (1, 50), 30_000, 36),
];
