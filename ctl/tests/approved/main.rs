//! An approval lets a call go as often as it says and no more, whoever asks, wherever, and whatever dies meanwhile: two Envoys of two workers each, two
//! replicas of the service on one PostgreSQL, a server that counts what reaches it.
//!
//! `PORTCULLIS_APPROVED_RETRIES` (1,000) and `PORTCULLIS_APPROVED_TURNS` are for longer runs, `PORTCULLIS_APPROVED_SEED` for other ones. What is about PostgreSQL
//! runs where it is installed.

#[cfg(test)]
mod door;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod races;
#[cfg(test)]
mod replica;
#[cfg(test)]
mod site;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod upstream;
