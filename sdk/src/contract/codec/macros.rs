//! The impls of generated types; what is different between them is all that generated code says.

/// An object with fields:
///
/// ```text
/// record! {
///     Order {
///         id "orderId" Required,
///         note "note" Optional,
///         lines "lines" OrEmpty,
///         currency "currency" OrDefault defaults::order_currency,
///         ..extra
///     }
/// }
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! __record {
    ($name:ident {
        $($field:ident $property:literal $presence:ident,)* $(..$extra:ident)?
    }) => {
        $crate::__record! {
            @value $name { $($field $property $presence,)* $(..$extra)? }
            fn read(
                &mut self,
                from: &mut dyn $crate::__private::codec::Reader,
            ) -> $crate::__private::codec::Done {
                $crate::__private::codec::record(
                    from,
                    &FIELDS,
                    &mut [$(&mut self.$field),*],
                    $crate::__record!(@extra $(&mut self.$extra)?),
                )
            }
        }
    };
    // Where something has a default.
    ($name:ident {
        $($field:ident $property:literal $presence:ident $($default:path)?,)* $(..$extra:ident)?
    }) => {
        $crate::__record! {
            @value $name { $($field $property $presence,)* $(..$extra)? }
            fn read(
                &mut self,
                from: &mut dyn $crate::__private::codec::Reader,
            ) -> $crate::__private::codec::Done {
                let mut seen = $crate::__private::codec::Seen::default();
                let done = $crate::__private::codec::record_with_defaults(
                    from,
                    &FIELDS,
                    &mut [$(&mut self.$field),*],
                    $crate::__record!(@extra $(&mut self.$extra)?),
                    &mut seen,
                );
                $($(
                    if done.is_ok() && seen.lacks(&FIELDS, $property) {
                        self.$field = $default();
                    }
                )?)*
                done
            }
        }
    };
    (@value $name:ident {
        $($field:ident $property:literal $presence:ident,)* $(..$extra:ident)?
    } $($read:tt)*) => {
        #[allow(deprecated)]
        const _: () = {
            static FIELDS: $crate::__private::codec::Fields = $crate::__private::codec::Fields::new(
                ::core::stringify!($name),
                &[$($property),*],
                &[$($crate::__private::codec::Presence::$presence),*],
            );

            impl $crate::__private::codec::Value for $name {
                fn blank() -> Self {
                    Self {
                        $($field: $crate::__private::codec::blank(),)*
                        $($extra: $crate::__private::codec::blank(),)?
                    }
                }

                $($read)*

                fn write(&self, to: &mut dyn $crate::__private::codec::Writer) {
                    to.write($crate::__private::codec::Give::Record {
                        fields: &FIELDS,
                        values: &[$(&self.$field),*],
                        extra: $crate::__record!(@extra $(&self.$extra)?),
                    });
                }
            }

            $crate::__serde!($name);
        };
    };
    (@extra) => { ::core::option::Option::None };
    (@extra $extra:expr) => { ::core::option::Option::Some($extra) };
}

/// One of several words: `words! { Size { Small "small", Large "large", } }`.
#[macro_export]
#[doc(hidden)]
macro_rules! __words {
    ($name:ident { $first:ident $word:literal, $($variant:ident $other:literal,)* }) => {
        const _: () = {
            static WORDS: $crate::__private::codec::Words = $crate::__private::codec::Words::new(
                ::core::stringify!($name),
                &[$word, $($other),*],
            );

            impl $crate::__private::codec::Value for $name {
                fn blank() -> Self {
                    Self::$first
                }

                fn read(
                    &mut self,
                    from: &mut dyn $crate::__private::codec::Reader,
                ) -> $crate::__private::codec::Done {
                    let mut number = 0;
                    let done = $crate::__private::codec::word(from, &WORDS, &mut number);
                    *self = [Self::$first, $(Self::$variant),*][number];
                    done
                }

                fn write(&self, to: &mut dyn $crate::__private::codec::Writer) {
                    to.write($crate::__private::codec::Give::Word(&WORDS, *self as usize));
                }
            }

            impl ::core::fmt::Display for $name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.write_str($crate::__private::codec::name_of_word(&WORDS, *self as usize))
                }
            }

            $crate::__serde!($name);
        };
    };
}

/// A type around a value: it is read and written as that.
#[macro_export]
#[doc(hidden)]
macro_rules! __newtype {
    ($name:ident) => {
        const _: () = {
            impl $crate::__private::codec::Value for $name {
                fn blank() -> Self {
                    Self($crate::__private::codec::blank())
                }

                fn read(
                    &mut self,
                    from: &mut dyn $crate::__private::codec::Reader,
                ) -> $crate::__private::codec::Done {
                    $crate::__private::codec::Value::read(&mut self.0, from)
                }

                fn write(&self, to: &mut dyn $crate::__private::codec::Writer) {
                    $crate::__private::codec::Value::write(&self.0, to);
                }
            }

            $crate::__serde!($name);
        };
    };
}

/// One of several alternatives, by what tells them apart, with the one that is blank:
///
/// ```text
/// one_of! {
///     Payment by Tag("kind"), blank Cash {} {
///         0 Card "card" { number "number" Required, },
///         1 Cash "cash" {},
///     }
/// }
/// one_of! {
///     Id by Look(2), blank Uuid () {
///         0 Uuid "Uuid" (),
///         1 Number "Number" (),
///     }
/// }
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! __one_of {
    ($name:ident by $by:ident $told:tt, blank $blank:ident $blanks:tt {
        $($number:literal $variant:ident $word:literal $content:tt,)*
    }) => {
        #[allow(deprecated)]
        const _: () = {
            static WORDS: $crate::__private::codec::Words = $crate::__private::codec::Words::new(
                ::core::stringify!($name),
                &[$($word),*],
            );
            static FIELDS: &[$crate::__private::codec::Fields] = &[
                $($crate::__one_of!(@fields $name $variant $content $word $by $told)),*
            ];

            impl $crate::__private::codec::Value for $name {
                fn blank() -> Self {
                    $crate::__one_of!(@blank $blank $blanks)
                }

                fn read(
                    &mut self,
                    from: &mut dyn $crate::__private::codec::Reader,
                ) -> $crate::__private::codec::Done {
                    from.read($crate::__private::codec::Want::OneOf {
                        by: $crate::__one_of!(@by $by $told),
                        words: &WORDS,
                        place: self,
                    })
                }

                fn write(&self, to: &mut dyn $crate::__private::codec::Writer) {
                    $($crate::__one_of!(@write self to WORDS FIELDS $number $variant $by $content);)*
                }
            }

            impl $crate::__private::codec::Alternatives for $name {
                fn choose(
                    &mut self,
                    number: usize,
                    from: &mut dyn $crate::__private::codec::Reader,
                ) -> $crate::__private::codec::Done {
                    *self = match number {
                        $($number => $crate::__one_of!(@choose from FIELDS $number $variant $content),)*
                        _ => {
                            return ::core::result::Result::Err($crate::__private::codec::Failed);
                        }
                    };
                    ::core::result::Result::Ok(())
                }
            }

            $crate::__serde!($name);
        };
    };

    (@by Name ()) => { $crate::__private::codec::By::Name };
    (@by $by:ident ($told:literal)) => { $crate::__private::codec::By::$by($told) };

    (@fields $name:ident $variant:ident () $word:literal $by:ident $told:tt) => {
        $crate::__private::codec::Fields::new(::core::stringify!($name), &[], &[])
    };
    (@fields $name:ident $variant:ident {
        $($field:ident $property:literal $presence:ident $($default:path)?,)* $(..$extra:ident)?
    } $word:literal Tag ($told:literal)) => {
        $crate::__private::codec::Fields::new(
            ::core::concat!(::core::stringify!($name), "::", ::core::stringify!($variant)),
            &[$($property),*],
            &[$($crate::__private::codec::Presence::$presence),*],
        )
        .with_tag($told, $word)
    };

    (@blank $variant:ident ()) => { Self::$variant($crate::__private::codec::blank()) };
    (@blank $variant:ident { $($field:ident)* }) => {
        Self::$variant { $($field: $crate::__private::codec::blank(),)* }
    };

    (@write $self:ident $to:ident $words:ident $fields:ident $number:literal $variant:ident Name ()) => {
        if let Self::$variant(content) = $self {
            $to.write($crate::__private::codec::Give::Named(&$words, $number, content));
        }
    };
    (@write $self:ident $to:ident $words:ident $fields:ident $number:literal $variant:ident $by:ident ()) => {
        if let Self::$variant(content) = $self {
            $crate::__private::codec::Value::write(content, $to);
        }
    };
    (@write $self:ident $to:ident $words:ident $fields:ident $number:literal $variant:ident Tag {
        $($field:ident $property:literal $presence:ident $($default:path)?,)* $(..$extra:ident)?
    }) => {
        if let Self::$variant { $($field,)* $($extra,)? } = $self {
            $to.write($crate::__private::codec::Give::Record {
                fields: &$fields[$number],
                values: &[$($field),*],
                extra: $crate::__record!(@extra $($extra)?),
            });
        }
    };

    (@choose $from:ident $fields:ident $number:literal $variant:ident ()) => {
        Self::$variant($crate::__private::codec::get($from)?)
    };
    (@choose $from:ident $fields:ident $number:literal $variant:ident {
        $($field:ident $property:literal $presence:ident $($default:path)?,)* $(..$extra:ident)?
    }) => {{
        $(let mut $field = $crate::__private::codec::blank();)*
        $(let mut $extra = $crate::__private::codec::blank();)?
        let mut seen = $crate::__private::codec::Seen::default();
        $crate::__private::codec::record_with_defaults(
            $from,
            &$fields[$number],
            &mut [$(&mut $field),*],
            $crate::__record!(@extra $(&mut $extra)?),
            &mut seen,
        )?;
        $($(
            if seen.lacks(&$fields[$number], $property) {
                $field = $default();
            }
        )?)*
        Self::$variant { $($field,)* $($extra,)? }
    }};
}

/// serde's traits, for what can be part of a payload.
#[macro_export]
#[doc(hidden)]
macro_rules! __serde {
    ($name:ident) => {
        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S>(&self, to: S) -> ::core::result::Result<S::Ok, S::Error>
            where
                S: $crate::__private::serde::Serializer,
            {
                $crate::__private::codec::serialize(self, to)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D>(from: D) -> ::core::result::Result<Self, D::Error>
            where
                D: $crate::__private::serde::Deserializer<'de>,
            {
                $crate::__private::codec::deserialize(from)
            }
        }
    };
}
