use crate::mask::{Form, Masking, whole};
use crate::policy::Detector;

fn masked_text(text: &str) -> String {
    let rule = crate::mask::tests::rule("all", &[Detector::Secrets, Detector::Phone], crate::policy::Operator::Replace);
    let profile = Masking::compile(&[rule]).unwrap().whole();
    String::from_utf8(whole(&profile, Form::Text, text.as_bytes()).unwrap().0).unwrap()
}

#[test]
fn the_head_names_what_is_below() {
    let (password, phone) = (["njk_09", "IXTfW"].concat(), "21230346");
    for (before, after) in [
        ("user,password,role\njo,", ",reader\nann,x,y\n"),
        ("| user | password |\n|---|---|\n| jo | ", " |\n"),
        (" login  | passwd\n--------+---------\n jo | ", "\n(1 row)"),
        ("+----+----------+\n| id | password |\n+----+----------+\n| 12 | ", " |\n+----+----------+"),
        ("user\tpassword\njo\t", "\n"),
        ("\"user\";\"password\"\n\"jo; ann\";\"", "\""),
        ("{| class=\"wikitable\"\n! System !! password !! Owner\n|-\n| SAP || ", " || jo\n|}"),
        ("{\"a\":\"{\\\"rows\\\": [\\\"| user | password |\\\\n| --- | --- |\\\\n| jo | ", " |\\\"]}\"}"),
        ("{\"a\":\"{\\\"rows\\\":[\\\"user,password\\\\njo,", "\\\"]}\"}"),
    ] {
        let text = format!("{before}{password}{after}");
        let out = masked_text(&text);
        assert!(!out.contains(&password) && out.starts_with(before) && out.ends_with(after), "{text} -> {out}");
    }
    for (before, after) in [("id,telefon,status\n1,", ",open\n"), (" id | móvil  \n----+-------\n 1 | ", "\n")] {
        let text = format!("{before}{phone}{after}");
        assert!(!masked_text(&text).contains(phone), "{text}");
    }
}

/// Every value below one of these heads is masked, and nothing else.
fn is_all_that_is_masked(before: &str, value: &str, after: &str) {
    let text = format!("{before}{value}{after}");
    let out = masked_text(&text);
    assert!(!out.contains(value) && out.starts_with(before) && out.ends_with(after), "{text} -> {out}");
}

#[test]
fn columns_may_stand_apart_by_blanks() {
    let password = ["njk_09", "IXTfW"].concat();
    for (before, after) in [
        ("NAME      PASSWORD       AGE\napi-db    ", "    3d\nweb       <none>         4d\n"),
        ("user      password\njo        ", "\n"),
        ("password      role     user\n", "   admin    jo\n"),
        ("user password\n---- --------\njo   ", "\n(1 row)"),
        ("Name     Root password Role\n----     ------------- ----\njo       ", "   admin\n"),
        ("      Id Password\n      -- --------\n  123456 ", "\n"),
        ("rolé      password\n--------- -----------\nañadió    ", "\n"),
        ("rolé      password     x\nañadió    ", "  y\n"),
        ("$ cat x\nuser      password\n========  ============\njo        ", "\n"),
        ("> user      password\n> jo        ", "\n> ann       -\n"),
        ("{\"out\":\"user      password\\njo        ", "\\n\"}"),
        ("{\"a\":\"{\\\"b\\\":\\\"user      password\\\\njo        ", "\\\"}\"}"),
        ("{\"a\":\"{\\\"b\\\":\\\"user,password\\\\njo,", "\\\"}\"}"),
    ] {
        is_all_that_is_masked(before, &password, after);
    }
    for before in
        ["Key         Value\n---         -----\nuser        jo\npassword    ", "NAME          VALUE\nttl           30m\nDB_PASSWORD   "]
    {
        is_all_that_is_masked(before, &password, "\nversion     v1.2.3-rc4\n");
    }
    is_all_that_is_masked("NAME     PHONE\njo       ", "21230346", "\n");
}

#[test]
fn rows_of_html_have_the_names_of_their_heads() {
    let password = ["njk_09", "IXTfW"].concat();
    for (before, after) in [
        ("<table><tr><th>user</th><th>password</th></tr>\n<tr><td>jo</td><td>", "</td></tr></table>"),
        ("<thead><tr><TH class=\"a\">user<TH>Password</th></tr></thead><tr><td>jo</td>\n<td class='b'> <code>", "</code></td></tr>"),
        ("<tr><th colspan=2>user</th><th><b>Password</b></th></tr><tr><td>jo</td><td>x</td><td>", "</td></tr>"),
        ("<tr><th></th><th>Password</th></tr><tr><th>jo</th><td>", "</td></tr><tr><th>ann</th><td>none</td></tr>"),
        ("{\"html\":\"<tr><th>user<\\/th><th>password<\\/th><\\/tr><tr><td>jo<\\/td><td>", "<\\/td><\\/tr>\"}"),
    ] {
        is_all_that_is_masked(before, &password, after);
    }
    for text in [
        "<tr><th>user</th><th>password</th></tr><tr><td>njk_09IXTfW</td><td>none</td></tr>",
        "<tr><th>user</th><th>password</th></tr></table><table><tr><td>jo</td><td>njk_09IXTfW</td></tr>",
        "<tr><th>user</th><th>password</th></tr><tr><th>user</th><th>build</th></tr><tr><td>jo</td><td>njk_09IXTfW</td></tr>",
    ] {
        assert_eq!(masked_text(text), text);
    }
}

/// Whatever stands before it moves what of a table a window ends in.
#[test]
fn windows_may_end_anywhere_in_a_table() {
    let password = ["njk_09", "IXTfW"].concat();
    for (head, row) in [
        ("\nNAME      PASSWORD       AGE\n", "api-db    njk_09IXTfW    3d\n"),
        ("\nuser password    x\n---- ----------- -\n", "jo   njk_09IXTfW y\n"),
        ("\n<tr><th>user</th><th>password</th></tr>\n", "<tr><td>jo</td><td>njk_09IXTfW</td></tr>\n"),
    ] {
        for pad in (0..row.len()).chain([100, 500]) {
            let rows = row.repeat(3 * crate::limits::MASK_WINDOW_BYTES / row.len());
            let text = format!("{}{head}{rows}", "x".repeat(pad));
            let out = masked_text(&text);
            assert!(!out.contains(&password), "{pad} {head}: {:?}", out.find(&password));
            assert_eq!(out.matches("[MASKED").count(), rows.matches(&password).count(), "{pad} {head}");
        }
    }
}

#[test]
fn other_columns_and_what_follows_stay() {
    for text in [
        "user,password,role\njo,,njk_09IXTfW\n",
        "user,password\njo,x\n\nalso,njk_09IXTfW\n",
        "user,password\njo,x,y\nann,njk_09IXTfW\n",
        "id,order\n1,21230346\n",
        "Hello, password and more\nall, njk_09IXTfW, of it\n",
        "NAME      PASSWORD   AGE\nnjk_09IX  none       3d\n",
        "NAME      PASSWORD   AGE\nbuild     none       3d\n\nnjk       njk_09IXTfW\n",
        "password     how to log in\nnjk_09IXTfW  another\n",
        "the user and  the password\nof all njk_09IXTfW and more\n",
        "Password\n--------\nnjk_09IXTfW is a build\n",
        "name     password\njo ann    njk_09IXTfW\n",
    ] {
        assert_eq!(masked_text(text), text);
    }
}
