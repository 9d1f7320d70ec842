//! Whether the file, the columns in memory and the evaluator of expressions come to the same, on random conditions over
//! random rows; among these are values that no field should hold.

use proptest::prelude::*;
use rusqlite::types::Value as Stored;

use super::super::places::Places;
use super::super::search::Condition;
use super::super::{Query, search};
use super::empty;
use crate::expr::{Ast, BinaryOp, Expr, Function, Scope};
use crate::model::{ClassIndex, Feature, Geometry, Links, Value};
use crate::project::Project;
use crate::{FeatureId, IdSource, NoProgress};

const COLUMNS: [&str; 7] = [
    "customers",
    "diameter_mm",
    "is_important",
    "name",
    "code",
    "state",
    "install_date",
];

fn boxed(ast: Ast) -> Box<Ast> {
    Box::new(ast)
}

fn text(text: &str) -> Ast {
    Ast::Literal(Value::Text(text.to_owned()))
}

/// What a condition compares a field with, as a person writes it.
fn literal() -> BoxedStrategy<Ast> {
    prop_oneof![
        (0_i64..6).prop_map(|i| Ast::Literal(Value::Integer(i))),
        (0_u8..12).prop_map(|q| Ast::Literal(Value::Real(f64::from(q) / 2.0))),
        Just(Ast::Literal(Value::Integer(i64::MAX))),
        Just(Ast::Literal(Value::Integer(1 << 53))),
        Just(Ast::Negate(boxed(Ast::Literal(Value::Integer(2))))),
        Just(Ast::Literal(Value::Null)),
        any::<bool>().prop_map(|b| Ast::Literal(Value::Boolean(b))),
        "[a-cA-C%_管0-3 ]{0,3}".prop_map(|s| text(&s)),
        Just(text("2")),
        Just(text("operative")),
        Just(text("在用")),
        Just(text("Operative")),
        (0_i32..3, 1_u32..3).prop_map(|(y, d)| Ast::Literal(Value::Date(
            chrono::NaiveDate::from_ymd_opt(2000 + y, 1, d).unwrap()
        ))),
    ]
    .boxed()
}

fn operand() -> BoxedStrategy<Ast> {
    let leaf = prop_oneof![
        4 => proptest::sample::select(&COLUMNS[..]).prop_map(|f| Ast::Field(f.to_owned())),
        4 => literal(),
    ];
    leaf.prop_recursive(2, 4, 2, |inner| {
        let op = proptest::sample::select(
            &[
                BinaryOp::Add,
                BinaryOp::Multiply,
                BinaryOp::Divide,
                BinaryOp::Remainder,
                BinaryOp::Concat,
            ][..],
        );
        prop_oneof![
            (op, inner.clone(), inner.clone()).prop_map(|(op, a, b)| Ast::Binary(op, boxed(a), boxed(b))),
            inner.clone().prop_map(|a| Ast::Call(Function::Upper, vec![a])),
            inner.prop_map(|a| Ast::Call(Function::Year, vec![a])),
        ]
    })
    .boxed()
}

fn condition() -> BoxedStrategy<Ast> {
    let field = proptest::sample::select(&COLUMNS[..]).prop_map(|f| Ast::Field(f.to_owned()));
    let comparison = proptest::sample::select(
        &[
            BinaryOp::Equal,
            BinaryOp::NotEqual,
            BinaryOp::Less,
            BinaryOp::LessEqual,
            BinaryOp::Greater,
            BinaryOp::GreaterEqual,
        ][..],
    );
    let leaf = prop_oneof![
        3 => (comparison.clone(), field.clone(), literal())
            .prop_map(|(op, a, b)| Ast::Binary(op, boxed(a), boxed(b))),
        1 => (comparison.clone(), literal(), field.clone())
            .prop_map(|(op, a, b)| Ast::Binary(op, boxed(a), boxed(b))),
        1 => (comparison, operand(), operand()).prop_map(|(op, a, b)| Ast::Binary(op, boxed(a), boxed(b))),
        1 => (field.clone(), literal(), literal(), any::<bool>()).prop_map(|(v, l, h, is_negated)| Ast::Between {
            value: boxed(v),
            low: boxed(l),
            high: boxed(h),
            is_negated
        }),
        2 => (field.clone(), prop::collection::vec(literal(), 1..4), any::<bool>()).prop_map(
            |(value, list, is_negated)| Ast::In { value: boxed(value), list, is_negated }
        ),
        2 => (field.clone(), "[a-cA-C%_管]{0,3}|%用%|oper%", any::<bool>()).prop_map(
            |(value, pattern, is_negated)| Ast::Like {
                value: boxed(value),
                pattern: boxed(text(&pattern)),
                is_negated
            }
        ),
        1 => (operand(), any::<bool>()).prop_map(|(value, is_negated)| Ast::IsNull {
            value: boxed(value),
            is_negated
        }),
        1 => field,
        1 => literal(),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Ast::Binary(BinaryOp::And, boxed(a), boxed(b))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Ast::Binary(BinaryOp::Or, boxed(a), boxed(b))),
            inner.prop_map(|a| Ast::Not(boxed(a))),
        ]
    })
    .boxed()
}

/// What a column may hold: what it should, and what programs of other hands left in it.
fn stored() -> BoxedStrategy<Stored> {
    prop_oneof![
        3 => Just(Stored::Null),
        4 => (-2_i64..6).prop_map(Stored::Integer),
        3 => (-4_i8..12).prop_map(|q| Stored::Real(f64::from(q) / 2.0)),
        4 => "[a-cA-C管]{0,3}".prop_map(Stored::Text),
        1 => proptest::sample::select(&[f64::INFINITY, f64::NEG_INFINITY, 1e17, 9.007_199_254_740_992e15][..])
            .prop_map(Stored::Real),
        1 => proptest::sample::select(&[i64::MAX, i64::MIN, (1 << 53) + 1][..]).prop_map(Stored::Integer),
        6 => proptest::sample::select(
            &[
                "", " 2 ", "2\u{3000}", "1e1", "inf", "nan", "+3", "yes", "是", "t", "a\0b", "operative", "OPERATIVE",
                "在用", "2000-01-01", "2001-01-02", "2000-1-1", " 2000-01-01", "2000-01-01T10:00:00Z", "2000-13-01",
                "20000101", "9007199254740993", "%", "obsolete"
            ][..]
        )
        .prop_map(|s| Stored::Text(s.to_owned())),
        1 => Just(Stored::Blob(vec![1, 2])),
        1 => Just(Stored::Blob(Vec::new())),
    ]
    .boxed()
}

fn project(rows: &[Vec<Stored>]) -> (Project, ClassIndex) {
    let mut project = empty();
    let class = project.schema().class_index("customer").unwrap();
    let count = project.schema().class(class).fields.len();
    let mut ids = IdSource::new(1, 1);
    let mut writer = project.begin_bulk().unwrap();
    for _ in rows {
        writer
            .insert(&Feature {
                id: ids.next_id(),
                class,
                geometry: Some(Geometry::Point([0.0, 0.0, f64::NAN])),
                links: Links::default(),
                values: vec![Value::Null; count],
            })
            .unwrap();
    }
    writer.finish().unwrap();
    let columns: Vec<String> = COLUMNS.iter().map(|c| format!("\"{c}\" = ?")).collect();
    let sql = format!("UPDATE customer SET {} WHERE fid = ?", columns.join(", "));
    for (i, row) in rows.iter().enumerate() {
        let mut values = row.clone();
        values.push(Stored::Integer(i as i64 + 1));
        project.execute(&sql, rusqlite::params_from_iter(values));
    }
    (project, class)
}

/// One feature after the other.
fn plainly(project: &Project, class: ClassIndex, condition: &Expr) -> Vec<FeatureId> {
    let mut found = Vec::new();
    let fields = &project.schema().class(class).fields;
    project
        .for_each(class, |feature| {
            let value = |key: &str| {
                let i = fields.iter().position(|f| f.key == key);
                i.map_or(Value::Null, |i| feature.values[i].clone())
            };
            if condition.holds(&value) {
                found.push(feature.id);
            }
            Ok(())
        })
        .unwrap();
    found
}

fn check(project: &Project, class: ClassIndex, written: &str) -> Result<bool, TestCaseError> {
    let scope = Scope::of_class(project.schema(), class);
    // Not all that is random is an expression.
    let Ok(condition) = Expr::parse(written, &scope) else {
        return Ok(false);
    };
    let expected = plainly(project, class, &condition);
    let places = Places::new();
    let asked = Some(Condition {
        expr: &condition,
        places: &places,
    });
    let in_file = search::in_file(&Query::default(), project, class, asked, &NoProgress).unwrap();
    prop_assert_eq!(&in_file, &expected, "{}\n{:?}", written, condition.to_sql(&scope));
    let in_memory = search::in_memory(project, class, asked, &NoProgress).unwrap();
    prop_assert_eq!(&in_memory, &expected, "in memory: {}", written);
    Ok(true)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn file_memory_and_evaluator_agree_on_random_conditions_and_rows(
        rows in prop::collection::vec(prop::collection::vec(stored(), COLUMNS.len()), 20..40),
        conditions in prop::collection::vec(condition(), 40),
    ) {
        let (project, class) = project(&rows);
        let mut asked = 0;
        for condition in conditions {
            asked += usize::from(check(&project, class, &condition.to_string())?);
        }
        prop_assert!(asked > 5);
    }
}

#[test]
fn most_of_what_people_ask_is_said_in_sql_alone() {
    let project = empty();
    let class = project.schema().class_index("pipe").unwrap();
    let scope = Scope::of_class(project.schema(), class);
    for (condition, is_whole) in [
        (
            "diameter_mm >= 300 and material = '球墨铸铁' and install_date < '2000-01-01'",
            true,
        ),
        (
            "not (diameter_mm between 100 and 200 or material in ('PE', 'DI'))",
            true,
        ),
        ("material like '%铸铁%' or road is null", true),
        ("code like 'JS-%' and customers > -1", true),
        ("length_m * 2 > 100", false),
        ("depth_from_m > depth_to_m", false),
    ] {
        let said = Expr::parse(condition, &scope).unwrap().to_sql(&scope);
        assert_eq!(said.rest.is_none(), is_whole, "{condition}: {said:?}");
    }
    let mixed = Expr::parse("length_m * 2 > 100 and diameter_mm = 300", &scope).unwrap();
    let said = mixed.to_sql(&scope);
    assert_eq!(said.rest.unwrap().fields(), ["length_m"]);
    assert_eq!(said.parameters, [Value::Integer(300)]);
}

#[test]
fn long_chains_and_long_lists_are_answered() {
    let rows: Vec<Vec<Stored>> = (0..30)
        .map(|i| {
            let mut row = vec![Stored::Null; COLUMNS.len()];
            row[0] = Stored::Integer(i);
            row
        })
        .collect();
    let (project, class) = project(&rows);
    let chain: Vec<String> = (0..240).map(|i| format!("customers = {}", i * 2)).collect();
    let list: Vec<String> = (0..30_000).map(|i| i.to_string()).collect();
    let nested = format!("{}customers = 3{}", "not (".repeat(45), ")".repeat(45));
    for written in [
        chain.join(" or "),
        format!("not ({})", chain.join(" or ")),
        format!("customers in ({})", list.join(",")),
        format!("customers not in ({})", list.join(",")),
        nested,
    ] {
        assert!(check(&project, class, &written).unwrap(), "{}", written.len());
    }
}
