//! Stomach, gut, liver.

use super::Form::*;
use super::{Medicine, m};

/// See [`Medicine`].
pub const TABLE: &[Medicine] = &[
    m("Oméprazole", "20 mg", Capsule, (2, 7), 11_000, 93),
    m("Oméprazole", "40 mg", Capsule, (2, 7), 18_000, 44),
    m("Ésoméprazole", "20 mg", Capsule, (2, 7), 28_000, 30),
    m("Ésoméprazole", "40 mg", Capsule, (2, 7), 42_000, 26),
    m("Pantoprazole", "40 mg", Coated, (2, 7), 26_000, 24),
    m("Lansoprazole", "30 mg", Capsule, (2, 7), 24_000, 20),
    m("Ranitidine", "150 mg", Coated, (2, 10), 10_000, 32),
    m("Cimétidine", "200 mg", Coated, (2, 10), 9_000, 16),
    m("Hydroxyde d’aluminium + hydroxyde de magnésium", "400 mg/400 mg", Chewable, (4, 10), 16_000, 56),
    m("Hydroxyde d’aluminium + hydroxyde de magnésium", "250 ml", Suspension, (1, 1), 18_000, 40),
    m("Alginate de sodium", "500 mg/10 ml", Sachet, (1, 24), 45_000, 18),
    m("Phloroglucinol", "80 mg", Tablet, (2, 10), 14_000, 60),
    m("Phloroglucinol", "160 mg", Tablet, (1, 10), 18_000, 24),
    m("Butylbromure de hyoscine", "10 mg", Coated, (2, 10), 12_000, 52),
    m("Trimébutine", "100 mg", Coated, (2, 15), 22_000, 28),
    m("Trimébutine", "200 mg", Coated, (2, 15), 32_000, 18),
    m("Mébévérine", "200 mg", Capsule, (3, 10), 40_000, 10),
    m("Métoclopramide", "10 mg", Tablet, (2, 20), 8_000, 50),
    m("Dompéridone", "10 mg", Coated, (2, 10), 12_000, 48),
    m("Ondansétron", "4 mg", Coated, (1, 10), 30_000, 10),
    m("Lopéramide", "2 mg", Capsule, (2, 10), 8_000, 64),
    m("Diosmectite", "3 g", Sachet, (1, 30), 42_000, 50),
    m("Racécadotril", "100 mg", Capsule, (2, 10), 32_000, 16),
    m("Nifuroxazide", "200 mg", Capsule, (2, 14), 20_000, 38),
    m("Bisacodyl", "5 mg", Coated, (3, 10), 12_000, 26),
    m("Lactulose", "10 g/15 ml", Sachet, (1, 20), 38_000, 20),
    m("Macrogol", "10 g", Sachet, (1, 20), 42_000, 18),
    m("Glycérine", "adulte", Suppository, (2, 5), 9_000, 22),
    m("Ispaghul", "3,5 g", Sachet, (1, 20), 36_000, 8),
    m("Siméticone", "80 mg", Chewable, (3, 10), 20_000, 20),
    m("Pancréatine", "25 000 UI", Capsule, (2, 10), 85_000, 4),
    m("Charbon activé", "250 mg", Capsule, (2, 10), 16_000, 16),
];
