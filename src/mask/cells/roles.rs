//! What member names say of what stands under them, however drivers and services write them.

/// What a member name is: see [`crate::mask::Profile`] for whether it says something of its own value.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Role(u8);

const PLAIN: u8 = 1;
const HEAD: u8 = 2;
const TELLS: u8 = 4;
const HOLDS: u8 = 8;

/// Bytes of the longest of the names below.
pub(super) const LONGEST: usize = 24;

impl Role {
    /// What is known of a name by itself; it is `plain` where it says nothing of its value.
    pub(crate) fn of(name: &[u8], plain: bool) -> Self {
        let mut read = [0; LONGEST];
        let bit = |is: bool, bit: u8| if is { bit } else { 0 };
        let told = read_as(name, &mut read).map_or(0, |name| bit(is_head(name), HEAD) | bit(tells(name), TELLS) | bit(holds(name), HOLDS));
        Self(told | bit(plain && told & HOLDS == 0, PLAIN))
    }

    /// It says nothing of its value, nor does anything around it.
    pub(crate) fn is_plain(self) -> bool {
        self.0 & PLAIN != 0
    }

    /// A list under it names columns.
    pub(crate) fn is_head(self) -> bool {
        self.0 & HEAD != 0
    }

    /// A string under it names what stands in the same object.
    pub(crate) fn tells(self) -> bool {
        self.0 & TELLS != 0
    }

    /// What stands under it has the name that the object tells, or stands under.
    pub(crate) fn holds(self) -> bool {
        self.0 & HOLDS != 0
    }
}

impl From<Role> for u8 {
    fn from(role: Role) -> Self {
        role.0
    }
}

impl From<u8> for Role {
    fn from(told: u8) -> Self {
        Self(told)
    }
}

/// Whether a list in an object under this name may be a row.
pub(super) fn is_row(name: &[u8]) -> bool {
    let mut read = [0; LONGEST];
    read_as(name, &mut read)
        .is_some_and(|name| matches!(name, b"row" | b"values" | b"cells" | b"f" | b"c" | b"data" | b"record" | b"columns" | b"fields"))
}

/// Whether a column called so has the names of values that stand behind it.
pub(super) fn is_of_names(column: &[u8]) -> bool {
    let mut read = [0; LONGEST];
    read_as(column, &mut read).is_some_and(|name| tells(name) || name.ends_with(b"name") || name.ends_with(b"key"))
}

/// Whether a column called so has values whose names stand before them.
pub(super) fn is_of_values(column: &[u8]) -> bool {
    let mut read = [0; LONGEST];
    read_as(column, &mut read).is_some_and(|name| name.ends_with(b"value") || name.ends_with(b"val"))
}

/// Whether what stands under a member that may hold a value is often another thing's.
pub(super) fn is_of_others(name: &[u8]) -> bool {
    let mut read = [0; LONGEST];
    read_as(name, &mut read).is_some_and(|name| matches!(name, b"content" | b"text" | b"data" | b"secret" | b"plaintext"))
}

/// Letter case aside, and what joins words.
fn read_as<'a>(name: &[u8], read: &'a mut [u8; LONGEST]) -> Option<&'a [u8]> {
    if name.len() > LONGEST {
        return None;
    }
    let mut len = 0;
    for byte in name.iter().filter(|byte| !matches!(byte, b'_' | b'-' | b' ')) {
        *read.get_mut(len)? = byte.to_ascii_lowercase();
        len += 1;
    }
    read.get(..len)
}

/// Drivers and query services: JDBC and ODBC bridges, Elasticsearch, Trino, ClickHouse (`meta`), BigQuery (`schema.fields`), Snowflake
/// (`rowType`), Athena (`ColumnInfo`), RDS (`columnMetadata`), Redshift, InfluxDB, Neo4j (`keys`), pandas, Python's DB-API (`description`).
fn is_head(name: &[u8]) -> bool {
    matches!(
        name,
        b"columns"
            | b"columnnames"
            | b"columninfo"
            | b"columnmetadata"
            | b"columnheaders"
            | b"cols"
            | b"colnames"
            | b"fields"
            | b"fieldnames"
            | b"header"
            | b"headers"
            | b"head"
            | b"headings"
            | b"keys"
            | b"names"
            | b"meta"
            | b"schema"
            | b"rowtype"
            | b"attributes"
            | b"description"
    )
}

fn tells(name: &[u8]) -> bool {
    matches!(
        name,
        b"name"
            | b"key"
            | b"k"
            | b"id"
            | b"label"
            | b"field"
            | b"fieldname"
            | b"column"
            | b"columnname"
            | b"columnlabel"
            | b"variable"
            | b"variablename"
            | b"var"
            | b"param"
            | b"parameter"
            | b"parametername"
            | b"parameterkey"
            | b"option"
            | b"optionname"
            | b"optionkey"
            | b"setting"
            | b"settingname"
            | b"property"
            | b"propertyname"
            | b"attribute"
            | b"attributename"
            | b"header"
            | b"headername"
            | b"keyname"
            | b"outputkey"
            | b"secretname"
    )
}

/// Values by themselves and in what types them: OpenTelemetry and RDS (`stringValue`), Athena (`VarCharValue`), BigQuery (`v`), DynamoDB (`S`).
fn holds(name: &[u8]) -> bool {
    matches!(
        name,
        b"value"
            | b"v"
            | b"val"
            | b"content"
            | b"text"
            | b"data"
            | b"secret"
            | b"stringvalue"
            | b"varcharvalue"
            | b"longvalue"
            | b"intvalue"
            | b"defaultvalue"
            | b"currentvalue"
            | b"newvalue"
            | b"oldvalue"
            | b"parametervalue"
            | b"propertyvalue"
            | b"optionvalue"
            | b"settingvalue"
            | b"attributevalue"
            | b"outputvalue"
            | b"secretvalue"
            | b"secretstring"
            | b"plaintext"
            | b"s"
            | b"n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_however_they_are_joined() {
        for name in ["columns", "columnNames", "column_names", "Column-Info", "rowType", "FIELDS"] {
            assert!(Role::of(name.as_bytes(), false).is_head(), "{name}");
        }
        for name in ["stringValue", "VarCharValue", "string_value", "S", "v"] {
            assert!(Role::of(name.as_bytes(), false).holds(), "{name}");
        }
        for name in ["required", "enum", "properties", "password", "", "a-name-that-is-longer-than-all-of-them"] {
            let role = Role::of(name.as_bytes(), true);
            assert!(role.is_plain() && !role.is_head() && !role.tells() && !role.holds(), "{name}");
        }
    }

    /// What a string under such a name tells cannot change how that string is read.
    #[test]
    fn no_name_both_tells_and_holds() {
        for name in ["name", "key", "k", "id", "label", "header", "secretname", "value", "v", "text", "secret"] {
            let role = Role::of(name.as_bytes(), false);
            assert!(role.tells() != role.holds(), "{name}");
        }
    }
}
