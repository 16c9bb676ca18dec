//! Eye, ear, mouth, skin.

use super::Form::*;
use super::{Medicine, m};

/// See [`Medicine`].
pub const TABLE: &[Medicine] = &[
    m("Chloramphénicol", "0,5 %", EyeDrops, (1, 1), 8_000, 48),
    m("Gentamicine", "0,3 %", EyeDrops, (1, 1), 9_000, 46),
    m("Tétracycline", "1 %", EyeOintment, (1, 1), 5_000, 52),
    m("Ciprofloxacine", "0,3 %", EyeDrops, (1, 1), 13_000, 28),
    m("Tobramycine + dexaméthasone", "0,3 %/0,1 %", EyeDrops, (1, 1), 26_000, 26),
    m("Dexaméthasone", "0,1 %", EyeDrops, (1, 1), 15_000, 20),
    m("Timolol", "0,5 %", EyeDrops, (1, 1), 24_000, 12),
    m("Carmellose", "0,5 %", EyeDrops, (1, 1), 20_000, 22),
    m("Cromoglicate de sodium", "2 %", EyeDrops, (1, 1), 22_000, 18),
    m("Ofloxacine", "0,3 %", EarDrops, (1, 1), 24_000, 20),
    m("Lidocaïne + phénazone", "1 %/4 %", EarDrops, (1, 1), 22_000, 22),
    m("Chlorhexidine", "0,5 %", Lotion, (1, 1), 16_000, 34),
    m("Miconazole", "2 %", Cream, (1, 1), 11_000, 34),
    m("Clotrimazole", "1 %", Cream, (1, 1), 8_000, 60),
    m("Kétoconazole", "2 %", Cream, (1, 1), 14_000, 26),
    m("Terbinafine", "1 %", Cream, (1, 1), 18_000, 24),
    m("Acide fusidique", "2 %", Cream, (1, 1), 26_000, 36),
    m("Mupirocine", "2 %", Ointment, (1, 1), 32_000, 14),
    m("Gentamicine", "0,1 %", Cream, (1, 1), 10_000, 30),
    m("Bétaméthasone", "0,05 %", Cream, (1, 1), 12_000, 46),
    m("Bétaméthasone + acide salicylique", "0,05 %/3 %", Ointment, (1, 1), 22_000, 28),
    m("Hydrocortisone", "1 %", Cream, (1, 1), 12_000, 32),
    m("Clobétasol", "0,05 %", Cream, (1, 1), 12_000, 40),
    m("Diclofénac", "1 %", Gel, (1, 1), 14_000, 56),
    m("Kétoprofène", "2,5 %", Gel, (1, 1), 24_000, 20),
    m("Sulfadiazine argentique", "1 %", Cream, (1, 1), 22_000, 26),
    m("Oxyde de zinc", "10 %", Ointment, (1, 1), 9_000, 22),
    m("Vaseline", "100 g", Ointment, (1, 1), 8_000, 30),
    m("Povidone iodée", "10 %", Lotion, (1, 1), 14_000, 62),
    m("Alcool éthylique", "70 %", Lotion, (1, 1), 9_000, 66),
    m("Eau oxygénée", "10 volumes", Lotion, (1, 1), 7_000, 40),
    m("Peroxyde de benzoyle", "5 %", Gel, (1, 1), 28_000, 14),
    m("Aciclovir", "5 %", Cream, (1, 1), 14_000, 18),
    m("Calamine", "8 %", Lotion, (1, 1), 15_000, 12),
];
