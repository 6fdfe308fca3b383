//! Customers that do not exist, in a SQLite database in memory.
//!
//! Every number is one that belongs to nobody: card numbers are the payment networks' published test numbers, IBANs the examples of the
//! SWIFT IBAN registry, and the SSNs have area numbers from 801 up, which were never given to anybody born before June 2011 (SSA,
//! "Social Security Number Randomization"). They are put together from parts so that no scanner takes this file for a leak.

use anyhow::{Context, Result};
use rusqlite::{Connection, Row, params};

use super::schema::Customer;

/// A value that must not reach a caller unmasked, and what it is.
#[derive(Clone, Debug)]
pub struct Raw {
    pub what: &'static str,
    pub value: String,
}

struct Seed {
    name: &'static str,
    email: &'static str,
    card: [&'static str; 4],
    ssn: [&'static str; 3],
    iban: [&'static str; 3],
    date_of_birth: &'static str,
    contract: [&'static str; 3],
}

const SEEDS: [Seed; 4] = [
    Seed {
        name: "Hannah Abbott",
        email: "hannah.abbott@example.com",
        card: ["4111", "1111", "1111", "1111"],
        ssn: ["801", "45", "6789"],
        iban: ["DE89", "37040044", "0532013000"],
        date_of_birth: "1984-03-12",
        contract: ["ACME", "KLM", "204816"],
    },
    Seed {
        name: "Ravi Menon",
        email: "ravi.menon@example.org",
        card: ["5555", "5555", "5555", "4444"],
        ssn: ["802", "31", "4410"],
        iban: ["GB29", "NWBK6016", "1331926819"],
        date_of_birth: "1991-11-02",
        contract: ["ACME", "QRT", "550071"],
    },
    Seed {
        name: "Lucía Ortega",
        email: "lucia.ortega@example.net",
        card: ["6011", "1111", "1111", "1117"],
        ssn: ["803", "72", "1935"],
        iban: ["ES91", "21000418", "450200051332"],
        date_of_birth: "1976-07-29",
        contract: ["ACME", "BXD", "118204"],
    },
    Seed {
        name: "Jonas Weber",
        email: "jonas.weber@example.com",
        card: ["4012", "8888", "8888", "1881"],
        ssn: ["804", "18", "2277"],
        iban: ["FR14", "20041010", "0505000013M02606"],
        date_of_birth: "2001-01-17",
        contract: ["ACME", "KLM", "204816"],
    },
];

impl Seed {
    fn customer(&self, id: i64) -> Customer {
        let card = self.card.join(" ");
        Customer {
            id,
            name: self.name.to_owned(),
            email: self.email.to_owned(),
            notes: format!("Called about card {card}; asked us to write to {} instead of phoning.", self.email),
            card,
            ssn: self.ssn.join("-"),
            iban: self.iban.concat(),
            date_of_birth: self.date_of_birth.to_owned(),
            contract: self.contract.join("-"),
        }
    }
}

/// All personal data of all customers, to look for it where it must not be.
pub fn personal() -> Vec<Raw> {
    let parts = |seed: &Seed| {
        let Customer { id: _, name: _, email, card, ssn, iban, date_of_birth, contract, notes: _ } = seed.customer(0);
        [
            ("e-mail address", email),
            ("card number", card),
            ("social security number", ssn),
            ("IBAN", iban),
            ("date of birth", date_of_birth),
            ("contract number", contract),
        ]
    };
    SEEDS.iter().flat_map(parts).map(|(what, value)| Raw { what, value }).collect()
}

pub(super) fn open() -> Result<Connection> {
    let database = Connection::open_in_memory().context("SQLite cannot open a database in memory")?;
    database.execute_batch(
        "CREATE TABLE customers (
             id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, card TEXT NOT NULL, ssn TEXT NOT NULL,
             iban TEXT NOT NULL, date_of_birth TEXT NOT NULL, contract TEXT NOT NULL, notes TEXT NOT NULL);
         CREATE TABLE orders (
             id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers(id), item TEXT NOT NULL, cents INTEGER NOT NULL);",
    )?;
    for (id, seed) in (1_i64..).zip(&SEEDS) {
        let Customer { id, name, email, card, ssn, iban, date_of_birth, contract, notes } = seed.customer(id);
        database.execute(
            "INSERT INTO customers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![id, name, email, card, ssn, iban, date_of_birth, contract, notes],
        )?;
        for (item, cents) in [("portcullis, oak, 3 m", 129_900 + id * 100), ("chain, iron, 12 m", 8_950)] {
            database.execute("INSERT INTO orders (customer_id, item, cents) VALUES (?1, ?2, ?3)", params![id, item, cents])?;
        }
    }
    Ok(database)
}

pub(super) fn customer(row: &Row<'_>) -> rusqlite::Result<Customer> {
    Ok(Customer {
        id: row.get("id")?,
        name: row.get("name")?,
        email: row.get("email")?,
        card: row.get("card")?,
        ssn: row.get("ssn")?,
        iban: row.get("iban")?,
        date_of_birth: row.get("date_of_birth")?,
        contract: row.get("contract")?,
        notes: row.get("notes")?,
    })
}
