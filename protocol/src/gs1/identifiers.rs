//! The application identifiers and the shape of their values, declared once, from the GS1 General
//! Specifications, 3.2: what the till does not use must still be measured, to find what follows it.

/// What a value must be, beyond its characters and its length.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Nothing more.
    Free,
    /// The leading digits are a key with its check digit.
    Key,
    /// The first six digits are a date.
    Date,
}

/// A range of identifiers of one shape: `digits` digits, then a tail of `min` to `max` characters.
pub struct Shape {
    first: u16,
    last: u16,
    width: usize,
    /// Leading digits, all required.
    pub digits: usize,
    /// Least length of the tail.
    pub min: usize,
    /// Greatest length of the tail.
    pub max: usize,
    /// Whether the tail is digits too.
    pub numeric: bool,
    /// What else must hold.
    pub rule: Rule,
}

const fn fixed(width: usize, first: u16, last: u16, digits: usize) -> Shape {
    Shape { first, last, width, digits, min: 0, max: 0, numeric: true, rule: Rule::Free }
}

const fn text(width: usize, first: u16, last: u16, max: usize) -> Shape {
    Shape { first, last, width, digits: 0, min: 1, max, numeric: false, rule: Rule::Free }
}

const fn number(width: usize, first: u16, last: u16, max: usize) -> Shape {
    Shape { numeric: true, ..text(width, first, last, max) }
}

impl Shape {
    const fn then(self, min: usize, max: usize) -> Self {
        Self { min, max, numeric: false, ..self }
    }

    const fn then_digits(self, min: usize, max: usize) -> Self {
        Self { min, max, numeric: true, ..self }
    }

    const fn at_least(self, min: usize) -> Self {
        Self { min, ..self }
    }

    const fn under(self, rule: Rule) -> Self {
        Self { rule, ..self }
    }
}

use Rule::{Date, Key};

static SHAPES: &[Shape] = &[
    fixed(2, 0, 0, 18).under(Key),
    fixed(2, 1, 3, 14).under(Key),
    text(2, 10, 10, 20),
    fixed(2, 11, 13, 6).under(Date),
    fixed(2, 15, 17, 6).under(Date),
    fixed(2, 20, 20, 2),
    text(2, 21, 22, 20),
    text(3, 235, 235, 28),
    text(3, 240, 241, 30),
    number(3, 242, 242, 6),
    text(3, 243, 243, 20),
    text(3, 250, 251, 30),
    fixed(3, 253, 253, 13).under(Key).then(0, 17),
    text(3, 254, 254, 20),
    fixed(3, 255, 255, 13).under(Key).then_digits(0, 12),
    number(2, 30, 30, 8),
    fixed(4, 3100, 3169, 6),
    fixed(4, 3200, 3379, 6),
    fixed(4, 3400, 3579, 6),
    fixed(4, 3600, 3699, 6),
    number(2, 37, 37, 8),
    number(4, 3900, 3909, 15),
    fixed(4, 3910, 3919, 3).then_digits(1, 15),
    number(4, 3920, 3929, 15),
    fixed(4, 3930, 3939, 3).then_digits(1, 15),
    fixed(4, 3940, 3949, 4),
    fixed(4, 3950, 3959, 6),
    text(3, 400, 401, 30),
    fixed(3, 402, 402, 17).under(Key),
    text(3, 403, 403, 30),
    fixed(3, 410, 417, 13).under(Key),
    text(3, 420, 420, 20),
    fixed(3, 421, 421, 3).then(1, 9),
    fixed(3, 422, 422, 3),
    number(3, 423, 423, 15).at_least(3),
    fixed(3, 424, 424, 3),
    number(3, 425, 425, 15).at_least(3),
    fixed(3, 426, 426, 3),
    text(3, 427, 427, 3),
    text(4, 4300, 4301, 35),
    text(4, 4302, 4306, 70),
    text(4, 4307, 4307, 2).at_least(2),
    text(4, 4308, 4308, 30),
    fixed(4, 4309, 4309, 20),
    text(4, 4310, 4311, 35),
    text(4, 4312, 4316, 70),
    text(4, 4317, 4317, 2).at_least(2),
    text(4, 4318, 4318, 20),
    text(4, 4319, 4319, 30),
    text(4, 4320, 4320, 35),
    fixed(4, 4321, 4323, 1),
    fixed(4, 4324, 4325, 10),
    fixed(4, 4326, 4326, 6).under(Date),
    fixed(4, 4330, 4333, 6).then(0, 1),
    fixed(4, 7001, 7001, 13),
    text(4, 7002, 7002, 30),
    fixed(4, 7003, 7003, 10).under(Date),
    number(4, 7004, 7004, 4),
    text(4, 7005, 7005, 12),
    fixed(4, 7006, 7006, 6).under(Date),
    fixed(4, 7007, 7007, 6).under(Date).then_digits(0, 6),
    text(4, 7008, 7008, 3),
    text(4, 7009, 7009, 10),
    text(4, 7010, 7010, 2),
    fixed(4, 7011, 7011, 6).under(Date).then_digits(0, 4),
    text(4, 7020, 7022, 20),
    text(4, 7023, 7023, 30),
    fixed(4, 7030, 7039, 3).then(1, 27),
    text(4, 7040, 7040, 4).at_least(4),
    text(4, 7041, 7041, 4),
    text(3, 710, 717, 20),
    text(4, 7230, 7239, 30).at_least(3),
    text(4, 7240, 7240, 20),
    fixed(4, 7241, 7241, 2),
    text(4, 7242, 7242, 25),
    fixed(4, 7250, 7250, 8),
    fixed(4, 7251, 7251, 12),
    fixed(4, 7252, 7252, 1),
    text(4, 7253, 7254, 40),
    text(4, 7255, 7255, 10),
    text(4, 7256, 7256, 90),
    text(4, 7257, 7257, 70),
    text(4, 7258, 7258, 3).at_least(3),
    text(4, 7259, 7259, 40),
    fixed(4, 8001, 8001, 14),
    text(4, 8002, 8002, 20),
    fixed(4, 8003, 8003, 14).under(Key).then(0, 16),
    text(4, 8004, 8004, 30),
    fixed(4, 8005, 8005, 6),
    fixed(4, 8006, 8006, 18),
    text(4, 8007, 8007, 34),
    fixed(4, 8008, 8008, 8).under(Date).then_digits(0, 4),
    text(4, 8009, 8009, 50),
    text(4, 8010, 8010, 30),
    number(4, 8011, 8011, 12),
    text(4, 8012, 8012, 20),
    text(4, 8013, 8014, 25),
    fixed(4, 8017, 8018, 18).under(Key),
    number(4, 8019, 8019, 10),
    text(4, 8020, 8020, 25),
    fixed(4, 8026, 8026, 18),
    text(4, 8030, 8030, 90),
    text(4, 8110, 8110, 70),
    fixed(4, 8111, 8111, 4),
    text(4, 8112, 8112, 70),
    text(4, 8200, 8200, 70),
    text(2, 90, 90, 30),
    text(2, 91, 99, 90),
];

/// The identifier that `rest` begins with, and the shape of its value.
pub fn begins(rest: &str) -> Option<(&str, &'static Shape)> {
    (2..=4).find_map(|width| {
        let identifier = rest.get(..width).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        let number: u16 = identifier.parse().ok()?;
        let shape = SHAPES.iter().find(|it| it.width == width && (it.first..=it.last).contains(&number))?;
        Some((identifier, shape))
    })
}

/// Whether the length of the value is settled by the first two digits, so that no separator need follow it.
pub fn needs_no_separator(identifier: &str) -> bool {
    let family = identifier.get(..2).and_then(|two| two.parse::<u8>().ok());
    family.is_some_and(|two| matches!(two, 0..=4 | 11..=20 | 31..=36 | 41))
}
