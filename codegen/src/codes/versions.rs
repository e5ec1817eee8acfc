//! T51x: conversions between versions that mean nothing as they are written.

super::codes! { VERSIONS;
    CONVERSION_SOURCE = "T510" "conversion-source":
        "`upcast` names a version of the major one before it, and `also_publish` an older major version. One minor version says it for its major one.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
  2.0: { upcast: { from: 2.1 }, payload: { type: object } }
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
  2.0: { upcast: { from: 1.0 }, payload: { type: object } }
"#;

    CONVERSION_SYNTAX = "T511" "conversion-syntax":
        "The places of a conversion are names of properties, or JSON pointers in which `*` stands for each item of a list. What is done by hand is not declared as well.";
    failing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object, properties: { a: { type: string } } } }
  2.0:
    upcast: { from: 1.0, rename: { a: /b } }
    payload: { type: object, properties: { b: { type: string } } }
"#;
    passing r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object, properties: { a: { type: string } } } }
  2.0:
    upcast: { from: 1.0, rename: { a: b } }
    payload: { type: object, properties: { b: { type: string } } }
"#;
}
