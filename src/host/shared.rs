//! Envoy's shared data: one store a process, seen by all VMs with the same `vm_id` and the same code, and outliving each of them.

use proxy_wasm::hostcalls;

use crate::exchange::SharedData;

pub(super) struct Data;

impl SharedData for Data {
    fn read(&self, key: &str) -> Option<(Vec<u8>, u32)> {
        match hostcalls::get_shared_data(key) {
            Ok((Some(value), Some(version))) => Some((value, version)),
            _ => None,
        }
    }

    fn write(&mut self, key: &str, value: &[u8], version: Option<u32>) -> bool {
        hostcalls::set_shared_data(key, Some(value), version).is_ok()
    }
}
