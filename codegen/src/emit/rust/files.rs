//! Generated code, as one file or as one for each module.

use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;

/// Generated code.
#[derive(Debug, Default)]
pub struct Generated {
    /// The line that each file begins with.
    pub(super) mark: String,
    /// Modules of domains and services, and the one of what they share.
    pub(super) modules: Vec<Module>,
    /// What stands behind them.
    pub(super) tail: String,
    /// What could not be written; the code stands without it.
    pub diagnostics: Vec<Diagnostic>,
}

/// A module below the root.
#[derive(Debug)]
pub(super) struct Module {
    /// Its name as an identifier.
    pub(super) name: String,
    /// Its doc comment, line by line.
    pub(super) docs: String,
    /// What is in it.
    pub(super) code: String,
}

/// How the root names the files of its modules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modules {
    /// By `include!`, because the root is included itself.
    Included,
    /// By `mod`, because it is a module of its crate.
    Declared,
}

/// A file of generated code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it belongs.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

impl Generated {
    /// All of it as one file.
    pub fn code(&self) -> String {
        self.root(|module| {
            let mut code = String::with_capacity(module.code.len() + module.code.len() / 4);
            for line in module.code.lines() {
                if !line.is_empty() {
                    code.push_str("    ");
                    code.push_str(line);
                }
                code.push('\n');
            }
            format!("pub mod {} {{\n{code}}}\n", module.name)
        })
    }

    /// A file for the root, and one for each module in a folder beside it: `events.rs`, `events/orders.rs`. rustc does again
    /// what stands behind an edit in its file, and leaves the other files alone.
    pub fn files(&self, root: &Path, modules: Modules) -> Vec<File> {
        let folder = root.with_extension("");
        let beside = folder.file_name().unwrap_or_default().to_string_lossy();
        let text = self.root(|module| {
            let Module { name, .. } = module;
            let file = format!("{beside}/{}.rs", module.file());
            match modules {
                Modules::Included => {
                    format!("pub mod {name} {{\n    ::core::include!({file:?});\n}}\n")
                }
                Modules::Declared if module.is_root_by_name() => {
                    format!("#[path = {file:?}]\npub mod {name};\n")
                }
                Modules::Declared => format!("pub mod {name};\n"),
            }
        });
        let root = File { path: root.to_owned(), text };
        let modules = self.modules.iter().map(|module| File {
            path: folder.join(format!("{}.rs", module.file())),
            text: format!("{}\n{}", self.mark, module.code),
        });
        [root].into_iter().chain(modules).collect()
    }

    fn root(&self, module: impl Fn(&Module) -> String) -> String {
        let modules = self.modules.iter().map(|one| format!("{}{}", one.docs, module(one)));
        let parts: Vec<String> = modules.chain([self.tail.clone()]).collect();
        format!("{}\n{}", self.mark, parts.join("\n"))
    }
}

impl Module {
    /// The name of its file, without an ending.
    fn file(&self) -> &str {
        if self.is_root_by_name() { "mod_" } else { self.name.trim_start_matches("r#") }
    }

    /// Whether its file would be taken for that of the root.
    fn is_root_by_name(&self) -> bool {
        self.name == "r#mod"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generated() -> Generated {
        let module = |name: &str| Module {
            name: name.to_owned(),
            docs: "/// Said of it.\n".to_owned(),
            code: "pub mod v1 {\n    pub struct A;\n}\n\npub struct B;\n".to_owned(),
        };
        Generated {
            mark: "// @generated\n".to_owned(),
            modules: vec![module("orders"), module("r#type"), module("r#mod")],
            tail: "pub static CATALOG: () = ();\n".to_owned(),
            diagnostics: Vec::new(),
        }
    }

    #[test]
    fn one_file_has_each_module_in_its_place() {
        let code = generated().code();
        let expected = "// @generated\n\n/// Said of it.\npub mod orders {\n    pub mod v1 {\n        pub struct A;\n    }\n\n    pub struct B;\n}\n\n/// Said of it.\npub mod r#type {";
        assert_eq!(code.get(..expected.len()), Some(expected), "{code}");
        assert!(code.ends_with("}\n\npub static CATALOG: () = ();\n"), "{code}");
    }

    #[test]
    fn each_module_has_a_file_that_the_root_names() {
        let files = |modules| generated().files(Path::new("src/events.rs"), modules);
        let paths: Vec<PathBuf> =
            files(Modules::Included).into_iter().map(|file| file.path).collect();
        let expected =
            ["src/events.rs", "src/events/orders.rs", "src/events/type.rs", "src/events/mod_.rs"];
        assert_eq!(paths, expected.map(PathBuf::from));
        let root = |modules| files(modules).swap_remove(0).text;
        let included = root(Modules::Included);
        let include = "pub mod r#type {\n    ::core::include!(\"events/type.rs\");\n}\n";
        assert!(included.contains(include), "{included}");
        let declared = root(Modules::Declared);
        let names =
            "pub mod r#type;\n\n/// Said of it.\n#[path = \"events/mod_.rs\"]\npub mod r#mod;\n";
        assert!(declared.contains(names), "{declared}");
    }
}
