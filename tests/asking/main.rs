//! Calls that people approve first, through the engine: what lets them go, and everything that does not.

#[cfg(test)]
mod pages;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod stand;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod used;
#[cfg(test)]
mod waiting;
