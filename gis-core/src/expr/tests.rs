use std::cmp::Ordering;

use chrono::NaiveDate;
use proptest::prelude::*;
use rusqlite::types::ValueRef;

use super::*;
use crate::model::ClassIndex;
use crate::schema::{FieldType, Schema};
use crate::text::Lang;

fn pipe_scope() -> (Schema, ClassIndex) {
    let schema = Schema::builtin().unwrap();
    let class = schema.class_index("pipe").unwrap();
    (schema, class)
}

fn parse(text: &str) -> Result<Expr, ExprError> {
    let (schema, class) = pipe_scope();
    Expr::parse(text, &Scope::of_class(&schema, class))
}

fn row(field: &str) -> Value {
    match field {
        "diameter_mm" => Value::Real(300.0),
        "length_m" => Value::Real(12.3456),
        "material" => Value::Text("DI".to_owned()),
        "code" => Value::Text("GX-001".to_owned()),
        "install_date" | "installed_on" => Value::Date(NaiveDate::from_ymd_opt(2004, 5, 31).unwrap()),
        _ => Value::Null,
    }
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "reads better in the cases")]
fn check(text: &str, expected: Value) {
    let expr = parse(text).unwrap_or_else(|e| panic!("{}\n{e}", e.pointed(text)));
    assert_eq!(expr.eval(&row), expected, "{text}");
}

#[test]
fn fields_go_by_key_and_by_label_in_both_languages() {
    for text in [
        "diameter_mm >= 300",
        "管径 >= 300",
        "Diameter>=300",
        "\"Diameter\" >= 300",
        "管径 ≥ 300",
        "管径＞＝３００".replace("３００", "300").as_str(),
        "DIAMETER_MM = 3e2",
    ] {
        check(text, Value::Boolean(true));
        assert_eq!(parse(text).unwrap().fields(), ["diameter_mm"], "{text}");
    }
}

#[test]
fn dictionary_values_go_by_code_and_by_label() {
    let schema = Schema::builtin().unwrap();
    let ductile = schema.dictionary("material").unwrap().resolve("DI").unwrap();
    for name in ["DI", &ductile.label.zh, &ductile.label.en] {
        check(&format!("material = '{name}'"), Value::Boolean(true));
        check(&format!("'{name}' = 材质"), Value::Boolean(true));
        check(&format!("material in ('PE', '{name}')"), Value::Boolean(true));
        check(
            &format!("material not in ('PE', '{name}')"),
            Value::Boolean(false),
        );
    }
    check("material like '%铸铁%'", Value::Boolean(true));
    check("material like 'd_'", Value::Boolean(true));
    check("material like 'PE%'", Value::Boolean(false));
}

#[test]
fn operators_bind_as_in_sql() {
    for (text, expected) in [
        ("1 + 2 * 3", Value::Integer(7)),
        ("(1 + 2) * 3", Value::Integer(9)),
        ("7 / 2", Value::Real(3.5)),
        ("7 % 4", Value::Integer(3)),
        ("1 / 0", Value::Null),
        ("-2 - -3", Value::Integer(1)),
        ("2 < 3 and not 3 < 2", Value::Boolean(true)),
        ("1 = 1 or 1 / 0 = 1 and false", Value::Boolean(true)),
        ("not 1 = 2", Value::Boolean(true)),
        ("1 between 0 and 2 and true", Value::Boolean(true)),
        ("'DN' || 100 + 1", Value::Null),
        ("'DN' || (100 + 1)", Value::Text("DN101".to_owned())),
        ("date '2024-03-01' - date '2024-02-01'", Value::Integer(29)),
        (
            "9223372036854775807 + 1",
            Value::Real(9_223_372_036_854_775_807.0 + 1.0),
        ),
    ] {
        check(text, expected);
    }
}

#[test]
fn what_is_unknown_passes_no_filter() {
    for text in [
        "remark = 'x'",
        "remark <> 'x'",
        "not remark = 'x'",
        "remark in ('x')",
        "remark like '%'",
    ] {
        check(text, Value::Null);
        assert!(!parse(text).unwrap().holds(&row));
    }
    check("remark is null", Value::Boolean(true));
    check("remark is not null", Value::Boolean(false));
    check("remark = 'x' or true", Value::Boolean(true));
    check("remark = 'x' and false", Value::Boolean(false));
    check("1 in (2, null)", Value::Null);
    check("1 in (1, null)", Value::Boolean(true));
}

#[test]
fn functions_do_what_they_say() {
    for (text, expected) in [
        ("round(2.345, 2)", Value::Real(2.35)),
        ("round(-2.5)", Value::Real(-3.0)),
        ("min(3, 1, 2)", Value::Integer(1)),
        ("max(3, null)", Value::Null),
        ("coalesce(remark, code)", Value::Text("GX-001".to_owned())),
        (
            "if(diameter_mm > 200, 'big', 1 / 0)",
            Value::Text("big".to_owned()),
        ),
        ("if(remark = 'x', 1)", Value::Null),
        ("year(date '1998-07-01')", Value::Integer(1998)),
        ("length('管网')", Value::Integer(2)),
        ("upper('dn') || lower('MM')", Value::Text("DNmm".to_owned())),
        ("substr('管网系统', 2, 2)", Value::Text("网系".to_owned())),
        ("substr('abc', -2)", Value::Text("bc".to_owned())),
        ("format(12.345, 1)", Value::Text("12.3".to_owned())),
        ("replace(code, 'GX-', '')", Value::Text("001".to_owned())),
    ] {
        check(text, expected);
    }
}

#[track_caller]
fn check_error(text: &str, at: usize, key: &str, near: &[&str]) {
    let error = parse(text).expect_err(text);
    assert_eq!((error.at, error.expected.key()), (at, key), "{text}: {error}");
    for name in near {
        assert!(error.near.iter().any(|n| n == name), "{text}: {:?}", error.near);
    }
    for lang in Lang::ALL {
        let said = error.text(lang);
        assert!(!said.contains("%{") && !said.contains("expr."), "{said}");
    }
}

#[test]
fn errors_point_at_the_character_and_suggest_near_names() {
    check_error("diametr_mm > 3", 0, "expr.error.unknown_field", &["diameter_mm"]);
    check_error(
        "材质 = 'PE' and 管经 > 3",
        14,
        "expr.error.unknown_field",
        &["管径"],
    );
    check_error("rond(3)", 0, "expr.error.unknown_function", &["round"]);
    check_error("diameter_mm >", 13, "expr.error.expected_value", &[]);
    check_error("", 0, "expr.error.expected_value", &[]);
    check_error("(1 + 2", 6, "expr.error.expected_closing", &[]);
    check_error("1 2", 2, "expr.error.expected_operator", &[]);
    check_error("code = 'GX", 7, "expr.error.unclosed", &[]);
    check_error("diameter_mm = '大'", 14, "expr.error.expected_number", &[]);
    check_error("1 between 2", 11, "expr.error.expected_and", &[]);
    check_error("code is 3", 8, "expr.error.expected_null", &[]);
    check_error("code not 3", 9, "expr.error.expected_after_not", &[]);
    check_error("code in 3", 8, "expr.error.expected_list", &[]);
    check_error("管径 > 3 ; drop", 7, "expr.error.character", &[]);
    check_error("round()", 0, "expr.error.arguments", &[]);
    check_error("1e999", 0, "expr.error.number", &[]);
    check_error(&"(".repeat(500), 100, "expr.error.too_long", &[]);
    assert!(parse(&vec!["1"; 20_000].join(" + ")).is_err());
    let many: Vec<String> = (0..5_000).map(|i| i.to_string()).collect();
    assert!(parse(&format!("diameter_mm in ({})", many.join(","))).is_ok());
}

#[track_caller]
fn check_template(template: &str, zh: &str, en: &str) {
    let (schema, class) = pipe_scope();
    let parsed = Template::parse(template, &Scope::of_class(&schema, class)).unwrap();
    assert_eq!(parsed.render(&row, Lang::ZhCn), zh);
    assert_eq!(parsed.render(&row, Lang::En), en);
}

#[test]
fn a_template_writes_labels_and_numbers() {
    let schema = Schema::builtin().unwrap();
    let material = &schema
        .dictionary("material")
        .unwrap()
        .resolve("DI")
        .unwrap()
        .label;
    check_template(
        "DN{diameter_mm} {material} L={length_m:.1}",
        &format!("DN300 {} L=12.3", material.zh),
        &format!("DN300 {} L=12.3", material.en),
    );
    check_template("{材质:code}", "DI", "DI");
    check_template("{{{管径 / 25.4:.2}}}", "{11.81}", "{11.81}");
    check_template("[{remark}]{length_m}", "[]12.346", "[]12.346");
    check_template("{if(diameter_mm > 200, '}', ':')}", "}", "}");
    check_template("{diameter_mm > 200}", "是", "yes");
    check_template("{date '2024-05-31':%Y-%m}", "2024-05", "2024-05");
    check_template("", "", "");
}

#[test]
fn a_piece_of_a_template_without_any_value_is_left_out_with_its_blanks() {
    for (template, text) in [
        ("DN{remark}", ""),
        ("DN{remark} {材质:code}", "DI"),
        ("{材质:code} DN{remark}", "DI"),
        ("{材质:code} DN{remark} L={length_m:.1}", "DI L=12.3"),
        ("DN{remark} {remark} L={length_m:.1}", "L=12.3"),
        ("DN{diameter_mm}/{remark}", "DN300/"),
        ("DN {diameter_mm} new", "DN 300 new"),
        ("{材质:code}\nDN{remark} L={length_m:.1}", "DI\nL=12.3"),
        ("{材质:code} DN{remark}\nL={length_m:.1}", "DI\nL=12.3"),
        ("{材质:code}\nDN{remark}\nL={length_m:.1}", "DI\nL=12.3"),
        ("  {材质:code}  ", "  DI  "),
        (
            "{if(diameter_mm > 200, 'DN big', '')} {length_m:.1}",
            "DN big 12.3",
        ),
    ] {
        check_template(template, text, text);
    }
}

#[test]
fn errors_in_a_template_point_into_the_template() {
    let (schema, class) = pipe_scope();
    let scope = Scope::of_class(&schema, class);
    for (text, at, key) in [
        ("管DN{diametr_mm}", 4, "expr.error.unknown_field"),
        ("DN{diameter_mm", 14, "expr.error.expected_brace"),
        ("DN}", 2, "expr.error.stray_brace"),
        ("{length_m:1}", 10, "expr.error.format"),
        ("{length_m:.1", 12, "expr.error.expected_brace"),
        ("{code:%H:%M}", 6, "expr.error.format"),
        ("{}", 1, "expr.error.expected_value"),
    ] {
        let error = Template::parse(text, &scope).expect_err(text);
        assert_eq!((error.at, error.expected.key()), (at, key), "{text}: {error}");
    }
}

// ------------------------------------------------------------------------------------------------- properties

fn table() -> Scope {
    let field = |key: &str, field_type: FieldType| ScopeField {
        key: key.to_owned(),
        zh: key.to_owned(),
        en: key.to_owned(),
        aliases: Vec::new(),
        field_type,
        dictionary: None,
        is_retired: false,
    };
    Scope::of_fields(vec![
        field("a", FieldType::Integer),
        field("b", FieldType::Integer),
        field("x", FieldType::Real),
        field("s", FieldType::Text),
        field("t t", FieldType::Text),
    ])
}

fn boxed(ast: Ast) -> Box<Ast> {
    Box::new(ast)
}

/// Numbers, texts and conditions that mean the same to SQLite.
fn number() -> BoxedStrategy<Ast> {
    let leaf = prop_oneof![
        (0_i64..9).prop_map(|i| Ast::Literal(Value::Integer(i))),
        (0_u8..40).prop_map(|q| Ast::Literal(Value::Real(f64::from(q) / 4.0))),
        Just(Ast::Literal(Value::Null)),
        prop_oneof![Just("a"), Just("b"), Just("x")].prop_map(|f| Ast::Field(f.to_owned())),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let op = prop_oneof![
            Just(BinaryOp::Add),
            Just(BinaryOp::Subtract),
            Just(BinaryOp::Multiply)
        ];
        prop_oneof![
            (op, inner.clone(), inner.clone()).prop_map(|(op, a, b)| Ast::Binary(op, boxed(a), boxed(b))),
            inner.clone().prop_map(|a| Ast::Negate(boxed(a))),
            inner.clone().prop_map(|a| Ast::Call(Function::Abs, vec![a])),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Ast::Call(Function::Min, vec![a, b])),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Ast::Call(Function::Max, vec![a, b])),
            (inner.clone(), inner).prop_map(|(a, b)| Ast::Call(Function::Coalesce, vec![a, b])),
        ]
    })
    .boxed()
}

fn word() -> BoxedStrategy<Ast> {
    let leaf = prop_oneof![
        "[a-cA-C%_' 管]{0,4}".prop_map(|s| Ast::Literal(Value::Text(s))),
        prop_oneof![Just("s"), Just("t t")].prop_map(|f| Ast::Field(f.to_owned())),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Ast::Binary(
                BinaryOp::Concat,
                boxed(a),
                boxed(b)
            )),
            (inner.clone(), -4_i64..5, 0_i64..5).prop_map(|(s, from, count)| {
                let from = if from < 0 {
                    Ast::Negate(boxed(Ast::Literal(Value::Integer(-from))))
                } else {
                    Ast::Literal(Value::Integer(from))
                };
                Ast::Call(
                    Function::Substr,
                    vec![s, from, Ast::Literal(Value::Integer(count))],
                )
            }),
            (inner.clone(), inner).prop_map(|(a, b)| Ast::Call(Function::Coalesce, vec![a, b])),
        ]
    })
    .boxed()
}

fn condition() -> BoxedStrategy<Ast> {
    let comparison = prop_oneof![
        Just(BinaryOp::Equal),
        Just(BinaryOp::NotEqual),
        Just(BinaryOp::Less),
        Just(BinaryOp::LessEqual),
        Just(BinaryOp::Greater),
        Just(BinaryOp::GreaterEqual)
    ];
    let leaf = prop_oneof![
        (comparison.clone(), number(), number()).prop_map(|(op, a, b)| Ast::Binary(op, boxed(a), boxed(b))),
        (comparison, word(), word()).prop_map(|(op, a, b)| Ast::Binary(op, boxed(a), boxed(b))),
        (number(), number(), number(), any::<bool>()).prop_map(|(v, l, h, is_negated)| Ast::Between {
            value: boxed(v),
            low: boxed(l),
            high: boxed(h),
            is_negated
        }),
        (number(), prop::collection::vec(number(), 1..4), any::<bool>()).prop_map(
            |(value, list, is_negated)| Ast::In {
                value: boxed(value),
                list,
                is_negated
            }
        ),
        (word(), word(), any::<bool>()).prop_map(|(value, pattern, is_negated)| Ast::Like {
            value: boxed(value),
            pattern: boxed(pattern),
            is_negated
        }),
        (prop_oneof![number(), word()], any::<bool>()).prop_map(|(value, is_negated)| Ast::IsNull {
            value: boxed(value),
            is_negated
        }),
        any::<bool>().prop_map(|b| Ast::Literal(Value::Boolean(b))),
    ];
    leaf.prop_recursive(3, 16, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Ast::Binary(BinaryOp::And, boxed(a), boxed(b))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Ast::Binary(BinaryOp::Or, boxed(a), boxed(b))),
            inner.prop_map(|a| Ast::Not(boxed(a))),
        ]
    })
    .boxed()
}

#[derive(Debug, Clone)]
struct Sample {
    a: Option<i64>,
    b: Option<i64>,
    x: Option<f64>,
    s: Option<String>,
    t: Option<String>,
}

impl Row for Sample {
    fn value(&self, field: &str) -> Value {
        let whole = |v: Option<i64>| v.map_or(Value::Null, Value::Integer);
        let text = |v: &Option<String>| v.clone().map_or(Value::Null, Value::Text);
        match field {
            "a" => whole(self.a),
            "b" => whole(self.b),
            "x" => self.x.map_or(Value::Null, Value::Real),
            "s" => text(&self.s),
            _ => text(&self.t),
        }
    }
}

fn sample() -> impl Strategy<Value = Sample> {
    (
        prop::option::of(-9_i64..9),
        prop::option::of(-9_i64..9),
        prop::option::of((-40_i8..40).prop_map(|q| f64::from(q) / 4.0)),
        prop::option::of("[a-cA-C%_管]{0,4}"),
        prop::option::of("[a-cA-C 网]{0,3}"),
    )
        .prop_map(|(a, b, x, s, t)| Sample { a, b, x, s, t })
}

fn sqlite(connection: &rusqlite::Connection, text: &str, row: &Sample) -> Value {
    connection.execute("DELETE FROM r", []).unwrap();
    connection
        .execute(
            "INSERT INTO r VALUES (?1, ?2, ?3, ?4, ?5)",
            rusqlite::params![row.a, row.b, row.x, row.s, row.t],
        )
        .unwrap();
    connection
        .query_row(&format!("SELECT {text} FROM r"), [], |row| {
            Ok(match row.get_ref(0)? {
                ValueRef::Integer(i) => Value::Integer(i),
                ValueRef::Real(x) => Value::Real(x),
                ValueRef::Text(t) => Value::Text(String::from_utf8_lossy(t).into_owned()),
                ValueRef::Null | ValueRef::Blob(_) => Value::Null,
            })
        })
        .unwrap()
}

fn is_same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Null, Value::Null) => true,
        _ => compare(ours, theirs) == Some(Ordering::Equal),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_written_reads_as_it_was(ast in prop_oneof![number(), word(), condition()]) {
        let text = ast.to_string();
        let again = Expr::parse(&text, &table());
        prop_assert_eq!(again.map(|e| e.root().clone()).map_err(|e| e.to_string()), Ok(ast), "{}", text);
    }

    #[test]
    fn sqlite_comes_to_the_same(ast in prop_oneof![number(), word(), condition()], row in sample()) {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE r (a INTEGER, b INTEGER, x REAL, s TEXT, \"t t\" TEXT)")
            .unwrap();
        let text = ast.to_string();
        let ours = Expr::parse(&text, &table()).unwrap().eval(&row);
        let theirs = sqlite(&connection, &text, &row);
        prop_assert!(is_same(&ours, &theirs), "{}: {:?} or {:?}", text, ours, theirs);
    }

    #[test]
    fn no_text_is_too_strange_to_be_refused(text in "\\PC{0,40}") {
        drop(Expr::parse(&text, &table()));
        drop(Template::parse(&text, &table()));
    }
}

#[test]
fn a_label_that_the_dictionary_lacks_is_doubted_with_the_nearest_one() {
    let (schema, class) = pipe_scope();
    let scope = Scope::of_class(&schema, class);
    let label = &schema
        .dictionary("material")
        .unwrap()
        .resolve("DI")
        .unwrap()
        .label;
    let right = format!("material = '{}'", label.zh);
    assert!(Expr::parse(&right, &scope).unwrap().doubts().is_empty());
    // One character wrong, in each place where a label may stand.
    let wrong: String = label.zh.chars().skip(1).collect();
    for text in [
        format!("material = '{wrong}'"),
        format!("'{wrong}' <> material"),
        format!("material in ('PE', '{wrong}')"),
    ] {
        let expr = Expr::parse(&text, &scope).unwrap();
        let [doubt] = expr.doubts() else {
            panic!("{text}: {:?}", expr.doubts())
        };
        assert!(doubt.near.contains(&label.zh), "{text}: {:?}", doubt.near);
        assert!(doubt.text(crate::Lang::En).contains(&wrong), "{text}");
    }
    // What is compared with no label, or with nothing, is not doubted.
    for text in ["code = 'no such code'", "material = ''", "material is null"] {
        assert!(Expr::parse(text, &scope).unwrap().doubts().is_empty(), "{text}");
    }
}
