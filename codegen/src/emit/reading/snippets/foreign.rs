//! In programs that are not built from the catalog.

use super::super::wire::Message;
use super::Snippet;
use crate::model::{Catalog, Event};

/// What is published and received without this SDK has to be known.
pub(in crate::emit) fn needs(message: &Message, file: &str) -> String {
    let sealed = if message.is_encrypted {
        " What begins with `enc1.` is encrypted with a key of its organization: a program without the keys cannot write \
         it, and reads it as it stands."
    } else {
        ""
    };
    format!(
        "`{file}` holds a message like the one above, and its `id` is the header `Nats-Msg-Id` too: an event that is \
         sent again has the same one.{sealed}"
    )
}

/// The same with the command `nats`, in Go and in Python.
pub(in crate::emit) fn foreign(
    catalog: &Catalog,
    event: &Event,
    message: &Message,
    file: &str,
) -> Vec<Snippet> {
    let Some(domain) = catalog.domains.get(&event.domain) else { return Vec::new() };
    let filters: Vec<String> = event.filters().collect();
    let parts = Parts { message, file, stream: &domain.stream, filters: &filters };
    vec![parts.command(), parts.go(), parts.python()]
}

struct Parts<'a> {
    message: &'a Message,
    file: &'a str,
    stream: &'a str,
    filters: &'a [String],
}

impl Parts<'_> {
    fn headers(&self, line: impl Fn(&str, &str) -> String, between: &str) -> String {
        let lines = self.message.headers.iter().map(|(name, value)| line(name, value));
        lines.collect::<Vec<_>>().join(between)
    }

    fn command(&self) -> Snippet {
        let Self { message, file, stream, filters } = self;
        let headers =
            self.headers(|name, value| format!("    --header \"{name}: {value}\""), " \\\n");
        let filters: String =
            filters.iter().map(|filter| format!(" --filter \"{filter}\"")).collect();
        let code = format!(
            "$ nats publish --jetstream {} \"$(cat {file})\" \\\n{headers}\n\
             $ nats consumer add {stream} reports --pull --ack explicit --deliver all --defaults{filters}\n\
             $ nats consumer next {stream} reports --count 10",
            message.subject
        );
        Snippet { language: "console", title: "The command `nats`".to_owned(), code }
    }

    fn go(&self) -> Snippet {
        let Self { message, file, stream, filters } = self;
        let headers = self
            .headers(|name, value| format!("message.Header.Set(\"{name}\", \"{value}\")"), "\n");
        let filters: Vec<String> = filters.iter().map(|filter| format!("\"{filter}\"")).collect();
        let code = format!(
            "// js, err := jetstream.New(connection)\n\
             message := nats.NewMsg(\"{}\")\n\
             {headers}\n\
             message.Data, err = os.ReadFile(\"{file}\")\n\
             stored, err := js.PublishMsg(ctx, message)\n\n\
             consumer, err := js.CreateOrUpdateConsumer(ctx, \"{stream}\", jetstream.ConsumerConfig{{\n\
             \tDurable:        \"reports\",\n\
             \tFilterSubjects: []string{{{}}},\n\
             \tAckPolicy:      jetstream.AckExplicitPolicy,\n\
             }})\n\
             running, err := consumer.Consume(func(message jetstream.Msg) {{\n\
             \tvar event struct {{\n\
             \t\tType, ID string\n\
             \t\tData     json.RawMessage\n\
             \t}}\n\
             \tif err := json.Unmarshal(message.Data(), &event); err == nil {{\n\
             \t\tfmt.Println(event.Type, event.ID, string(event.Data))\n\
             \t\tmessage.Ack()\n\
             \t}}\n\
             }})",
            message.subject,
            filters.join(", "),
        );
        Snippet { language: "go", title: "Go, with `nats.go`".to_owned(), code }
    }

    fn python(&self) -> Snippet {
        let Self { message, file, stream, filters } = self;
        let headers = self.headers(|name, value| format!("    \"{name}\": \"{value}\","), "\n");
        let filters: Vec<String> = filters.iter().map(|filter| format!("\"{filter}\"")).collect();
        let code = format!(
            "# js = connection.jetstream(); config = nats.js.api.ConsumerConfig\n\
             headers = {{\n{headers}\n}}\n\
             stored = await js.publish(\"{}\", open(\"{file}\", \"rb\").read(), headers=headers)\n\n\
             reports = config(durable_name=\"reports\", filter_subjects=[{}])\n\
             await js.add_consumer(\"{stream}\", reports)\n\
             consumer = await js.pull_subscribe_bind(\"reports\", stream=\"{stream}\")\n\
             for message in await consumer.fetch(10):\n    \
                 event = json.loads(message.data)\n    \
                 print(event[\"type\"], event[\"id\"], event[\"data\"])\n    \
                 await message.ack()",
            message.subject,
            filters.join(", "),
        );
        Snippet { language: "python", title: "Python, with `nats-py`".to_owned(), code }
    }
}
