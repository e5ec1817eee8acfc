use tidings::{Config, ConfigError};

fn configured() -> Result<Config, ConfigError> {
    shown!(1);
    Ok(config)
}

#[test]
fn nothing_has_to_be_set() {
    assert!(configured().is_ok());
}
