//! Names that stand apart from their values, in a message's own JSON and in JSON in its texts.

use super::*;

fn secrets() -> Profile {
    profile(&[rule("all", &[Detector::Secrets, Detector::Phone, Detector::UsSsn, Detector::DateOfBirth], Operator::Fixed("*".to_owned()))])
}

/// The same value in the message itself, in text that is none, and in JSON in JSON.
fn at_every_depth(profile: &Profile, body: &str) -> String {
    let out = json_under(profile, body);
    let text = whole(profile, Form::Text, body.as_bytes()).unwrap().0;
    assert_eq!(String::from_utf8(text).unwrap(), out, "as text");
    for depth in 1..=3 {
        assert_eq!(unnested(&json_under(profile, &nested(body, depth)), depth), out, "{depth} deep");
    }
    out
}

/// `@` is a password, and nothing else is changed.
fn hides(body: &str) {
    let password = ["njk_09", "IXTfW"].concat();
    assert_eq!(at_every_depth(&secrets(), &body.replace('@', &password)), body.replace('@', "*"), "{body}");
}

/// Nothing is changed, though every `@` is as a password is.
fn leaves(body: &str) {
    let body = body.replace('@', &["njk_09", "IXTfW"].concat());
    assert_eq!(at_every_depth(&secrets(), &body), body);
}

#[test]
fn rows_have_the_names_of_their_columns() {
    for body in [
        r#"{"columns":["user","password"],"rows":[["jo","@"],["al","@"],["ann",null]]}"#,
        r#"{"columns": [ "password", "n" ], "rows": [ [ "@", 1 ], [ "@", 2.5 ] ]}"#,
        r#"{"result":{"structuredContent":{"columns":[{"name":"user","type":"text"},{"name":"password","type":"text"}],"rows":[["jo","@"]]}}}"#,
        r#"{"fields":[{"dataTypeID":25,"name":"user"},{"dataTypeID":25,"name":"password"}],"rowCount":1,"rows":[["jo","@"]]}"#,
        // BigQuery.
        r#"{"schema":{"fields":[{"name":"user","type":"STRING"},{"name":"password","type":"STRING"}]},"rows":[{"f":[{"v":"jo"},{"v":"@"}]},{"f":[{"v":"al"},{"v":"@"}]}]}"#,
        // Snowflake, Databricks, ClickHouse, Trino.
        r#"{"resultSetMetaData":{"numRows":1,"rowType":[{"name":"USER"},{"name":"PASSWORD"}]},"data":[["jo","@"]]}"#,
        r#"{"manifest":{"schema":{"column_count":2,"columns":[{"name":"user","position":0},{"name":"password","position":1}]}},"result":{"data_array":[["jo","@"]]}}"#,
        r#"{"meta":[{"name":"user","type":"String"},{"name":"password","type":"String"}],"data":[["jo","@"]],"rows":1}"#,
        // InfluxDB, SQLite's and Neo4j's.
        r#"{"results":[{"series":[{"name":"users","columns":["time","password"],"values":[[1,"@"]]},{"columns":["time","note"],"values":[[1,"njk_09IX"]]}]}]}"#,
        r#"[{"columns":["user","password"],"values":[["jo","@"]]},{"columns":["a","token_password"],"values":[["jo","@"]]}]"#,
        r#"{"results":[{"columns":["user","password"],"data":[{"row":["jo","@"],"meta":[null]}]}]}"#,
        r#"{"data":{"fields":["user","password"],"values":[["jo","@"]]}}"#,
        // RDS' data API, pandas, tables of logs.
        r#"{"columnMetadata":[{"label":"user","name":"user"},{"label":"password"}],"records":[[{"stringValue":"jo"},{"stringValue":"@"}]]}"#,
        r#"{"columns":["user","password"],"index":[0,1],"data":[["jo","@"],["al","@"]]}"#,
        r#"{"tables":[{"name":"t","columns":[{"name":"User","type":"string"},{"name":"Password","type":"string"}],"rows":[["jo","@"]]}]}"#,
        // Python's cursors.
        r#"{"description":[["user",25,null],["password",25,null]],"rows":[["jo","@"]]}"#,
        // A table in a cell, and the rows behind it.
        r#"{"columns":["password","more"],"rows":[["@",{"columns":["a","password"],"rows":[["njk_09IXT","@"]]}],["@",null]]}"#,
        // Frames of data, column by column.
        r#"{"frames":[{"schema":{"fields":[{"name":"time"},{"name":"password"}]},"data":{"values":[["njk_09IXT","njk_19IXT"],["@","@"]]}}]}"#,
        // Names and values in columns.
        r#"{"columns":["id","name","value"],"rows":[["7","DB_PASSWORD","@"],["8","host","njk_09IX"]]}"#,
        r#"{"columns":["pass\u0077ord","x"],"rows":[["@","njk_09IX"]]}"#,
        "{\"header\":[\n \"user\",\n \"token password\"\n],\"values\":[[\"jo\",\"@\"]]}",
    ] {
        hides(body);
    }
}

#[test]
fn the_first_row_may_be_the_head() {
    for body in [
        r#"[["user","password"],["jo","@"],["al","@"]]"#,
        r#"{"values":[["user","password","note"],["jo","@","njk_09IX"]],"range":"A1:C2"}"#,
        r#"{"sheets":[{"data":[["password","user"],["@","jo"]]}]}"#,
        r#"{"ResultSet":{"Rows":[{"Data":[{"VarCharValue":"user"},{"VarCharValue":"password"}]},{"Data":[{"VarCharValue":"jo"},{"VarCharValue":"@"}]}]}}"#,
        r#"{"tables":[[["user","password"],["jo","@"]],[["user","note"],["jo","njk_09IX"]]]}"#,
    ] {
        hides(body);
    }
}

#[test]
fn objects_name_their_values() {
    for body in [
        r#"{"name":"DB_PASSWORD","value":"@"}"#,
        r#"{"env":[{"name":"HOST","value":"njk_09IX"},{"name":"DB_PASSWORD","value":"@"},{"name":"x","value":"njk_09IX"}]}"#,
        r#"{"Name":"/prod/db/password","Type":"SecureString","Value":"@","Version":3}"#,
        r#"{"id":"e7","key":"db.password","type":"STRING","scope":{"name":"prod"},"value":"@"}"#,
        r#"{"label":"Password","content":"@"}"#,
        r#"{"label":"Password","text":"@"}"#,
        r#"{"field":"password","data":"@"}"#,
        r#"{"ParameterKey":"DbPassword","ParameterValue":"@"}"#,
        r#"{"attributes":[{"key":"db.password","value":{"stringValue":"@"}}]}"#,
        r#"{"outputs":{"db_password":{"sensitive":true,"type":"string","value":"@"}}}"#,
        r#"{"Item":{"password":{"S":"@"},"user":{"S":"njk_09IX"}}}"#,
        r#"{"args":["--host","njk_09IX","--db-password","@","--verbose"]}"#,
        r#"{"entries":[["password","@"],["user","njk_09IX"]]}"#,
        r#"{"headers":{"X-Auth-Password":["@"],"X-Id":["njk_09IX"]}}"#,
        r#"{"user":["jo","al"],"password":["@","@"],"note":["njk_09IX"]}"#,
    ] {
        hides(body);
    }
}

#[test]
fn other_lists_and_objects_name_nothing() {
    for body in [
        r#"{"columns":["user","password"],"rows":[["@","none"],["jo"],["al","none","@"],[]]}"#,
        r#"{"columns":["user","password"],"rows":2,"tags":["jo","@"]}"#,
        r#"{"columns":["password_length","user"],"rows":[[12,"jo"],["@","x"]]}"#,
        r#"{"required":["user","password"],"rows":[["jo","@"]]}"#,
        r#"{"a":[{"columns":["user","password"]}],"rows":[["jo","@"]]}"#,
        r#"{"a":{"columns":["user","password"],"rows":[]},"b":{"columns":["user","note"],"rows":[["jo","@"]]}}"#,
        r#"{"columns":["password","x"],"chart":{"series":{"y":{"rows":[["@","jo"]]}}}}"#,
        r#"{"chart":{"columns":["password","tries"],"type":"bar","data":[[1,2],[3,4]]},"layout":[["wide","@"],["x","y"]]}"#,
        r#"{"columns":["user","tags","password"],"rows":[["jo",["a","b","@"],null]]}"#,
        r#"[["jo","password of the user"],["al","@"]]"#,
        r#"[["user","password",3],["jo","@",4]]"#,
        r#"[["password"],["@"]]"#,
        r#"{"rows":[["user","password"]],"x":["jo","@"]}"#,
        r#"{"name":"host","value":"@"}"#,
        r#"{"errors":{"password":["is too short","too_short"],"id":["@"]}}"#,
        r#"[{"name":"password"},{"value":"@"}]"#,
        r#"{"name":"password","size":{"value":12},"items":["@"]}"#,
        r#"{"name":"password","description":"@","version":"njk_09IX"}"#,
        r#"{"label":"Enter the password of the user here","value":"@"}"#,
        r#"{"args":["--password","--verbose","@"]}"#,
        r#"{"tools":[{"name":"get_password","inputSchema":{"type":"object","properties":{"password":{"type":"string","enum":["@"]}},"required":["password"]}}]}"#,
    ] {
        leaves(body);
    }
}

#[test]
fn numbers_in_rows_stay_numbers() {
    let out =
        at_every_depth(&secrets(), r#"{"columns":["id","phone","pin_password"],"rows":[[21230346,21230346,84739261],["x","21230346",7]]}"#);
    assert_eq!(out, r#"{"columns":["id","phone","pin_password"],"rows":[[21230346,0,0],["x","*",7]]}"#);
    let out = at_every_depth(&secrets(), r#"{"columns":["ssn","dob"],"rows":[[633219224,"1980-12-31"],["633219224","none"]]}"#);
    assert_eq!(out, r#"{"columns":["ssn","dob"],"rows":[[0,"*"],["*","none"]]}"#);
}

/// Rules that name fields mean columns, and names of values, too.
#[test]
fn fields_may_be_columns() {
    let profile = profile(&[fields("fields", &["ssn", "user.pin"], Operator::Fixed("*".to_owned()))]);
    for (before, after) in [
        (
            r#"{"columns":["id","ssn"],"rows":[[1,"a b"],[2,{"x":["y",3]}]]}"#,
            r#"{"columns":["id","ssn"],"rows":[[1,"*"],[2,{"x":["*",0]}]]}"#,
        ),
        (r#"[{"name":"ssn","value":"a b"},{"name":"id","value":"a"}]"#, r#"[{"name":"ssn","value":"*"},{"name":"id","value":"a"}]"#),
        (r#"{"user":[{"key":"pin","value":12}]}"#, r#"{"user":[{"key":"pin","value":0}]}"#),
        (r#"{"pin":["a"],"user":{"pin":["a"]}}"#, r#"{"pin":["a"],"user":{"pin":["*"]}}"#),
        (r#"{"label":"ssn","text":"What is it?"}"#, r#"{"label":"ssn","text":"What is it?"}"#),
    ] {
        assert_eq!(at_every_depth(&profile, before), after);
    }
}

/// Whatever stands before it moves what of it a window ends in.
#[test]
fn windows_may_end_anywhere_among_rows() {
    let password = ["njk_09", "IXTfW"].concat();
    let row = format!(r#"[{{"v":"jo"}},{{"v":"{password}"}}]"#);
    let rows = vec![row.as_str(); 3 * crate::limits::MASK_WINDOW_BYTES / row.len()].join(",");
    let text = format!(r#"{{"schema":{{"fields":[{{"name":"user"}},{{"name":"password"}}]}},"rows":[{rows}]}}"#);
    for depth in 0..3 {
        for pad in (0..row.len()).step_by(3).chain([500]) {
            let deep = format!("{}{}", "x".repeat(pad), nested(&text, depth));
            let body = serde_json::to_string(&[deep]).unwrap();
            let out = String::from_utf8(whole(&secrets(), Form::Json, body.as_bytes()).unwrap().0).unwrap();
            assert_eq!(out, body.replace(&password, "*"), "{pad} before, {depth} deep");
        }
    }
}

/// However many heads, columns, names and rows there are.
#[test]
fn what_is_remembered_is_bounded() {
    let heads = |depth: usize| {
        let columns: Vec<String> = (0..400).map(|at| format!("\"{at:a>30}_password\"")).collect();
        let one = format!("{{\"columns\":[{0}],\"fields\":[{0}],\"name\":\"{1}\",\"x\":[[", columns.join(","), "p".repeat(40));
        let pad: String = (0..depth).map(|_| one.as_str()).collect();
        format!("{pad}1{}", "]]}".repeat(depth))
    };
    for levels in 0..3 {
        let body = (0..levels).fold(heads(30), |text, _| serde_json::json!({ "columns": ["password"], "rows": [[text]] }).to_string());
        for size in [1, 4096] {
            in_pieces(&secrets(), Form::Json, body.as_bytes().chunks(size)).unwrap();
        }
    }
}
