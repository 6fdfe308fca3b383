//! Foreign functions of the host, of which it may have none.
//!
//! The SDK panics on a status it does not expect, and a host without foreign functions may answer one; a panic at configuration would take the
//! whole filter down for something it can do without.

#![expect(unsafe_code, reason = "the ABI is a C function over pointers, and the SDK's own wrapper panics")]

#[cfg_attr(target_arch = "wasm32", link(wasm_import_module = "env"))]
unsafe extern "C" {
    fn proxy_call_foreign_function(
        name: *const u8,
        name_size: usize,
        arguments: *const u8,
        arguments_size: usize,
        results: *mut *mut u8,
        results_size: *mut usize,
    ) -> u32;
}

/// The function's result; `None` when the host has no such function, or it failed.
pub(super) fn call(name: &str, arguments: &[u8]) -> Option<Vec<u8>> {
    const OK: u32 = 0;
    let mut results: *mut u8 = std::ptr::null_mut();
    let mut size: usize = 0;
    // SAFETY: every pointer is to memory of ours with the size told beside it.
    let status = unsafe {
        proxy_call_foreign_function(name.as_ptr(), name.len(), arguments.as_ptr(), arguments.len(), &raw mut results, &raw mut size)
    };
    if status != OK {
        return None;
    }
    if results.is_null() {
        return Some(Vec::new());
    }
    // SAFETY: the host has asked this module for the memory (`proxy_on_memory_allocate`, where the SDK makes a vector of exactly this capacity), and
    // hands it over.
    Some(unsafe { Vec::from_raw_parts(results, size, size) })
}
