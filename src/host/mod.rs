//! The only place that names the Proxy-Wasm SDK: contexts, effects, attributes, metrics. Thin: it decides nothing.

mod abilities;
mod attributes;
mod calls;
mod effects;
mod foreign;
mod metrics;
mod outbox;
mod root;
mod shared;
mod stream;

proxy_wasm::main! {{
    proxy_wasm::set_log_level(proxy_wasm::types::LogLevel::Info);
    proxy_wasm::set_root_context(|id| Box::new(root::Root::new(id)));
}}
