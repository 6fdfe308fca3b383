;; A Proxy-Wasm module (ABI 0.2.1) that lets everything pass: it stands in for the filter where the gateway around it is tested.
;;   a policy that begins with {"default  does not load
;;   request header x-trap                traps
;;   every answer                         shows the policy as x-policy, the cipher suite as x-cipher
;;   every exchange                       leaves the record below
(module
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_get_buffer_bytes" (func $buffer (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_get_header_map_value" (func $header (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_replace_header_map_value" (func $set_header (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_get_property" (func $property (param i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_property" (func $set_property (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 16)
  ;; 16: where the host writes an address; 20: and a length.
  (data (i32.const 64) "x-trap")
  (data (i32.const 80) "x-policy")
  (data (i32.const 96) "x-cipher")
  (data (i32.const 112) "filter_state\00portcullis.tls_cipher")
  (data (i32.const 160) "portcullis_record")
  (data (i32.const 192) "{\"record\":\"kept  as \\/ it is\"}")
  (data (i32.const 240) "the policy has a mistake\nand another")

  (global $policy (mut i32) (i32.const 0))
  (global $policy_size (mut i32) (i32.const 0))
  (global $kept (mut i32) (i32.const 4096))
  (global $next (mut i32) (i32.const 4096))

  ;; Never freed; begins again behind the policy when memory is used up.
  (func (export "proxy_on_memory_allocate") (param $size i32) (result i32)
    (local $at i32)
    (if (i32.gt_u (i32.add (global.get $next) (local.get $size)) (i32.const 1040000))
      (then (global.set $next (global.get $kept))))
    (local.set $at (global.get $next))
    (global.set $next (i32.and (i32.add (i32.add (global.get $next) (local.get $size)) (i32.const 15)) (i32.const -16)))
    (local.get $at))

  (func (export "proxy_abi_version_0_2_1"))
  (func (export "proxy_on_context_create") (param i32 i32))
  (func (export "proxy_on_vm_start") (param i32 i32) (result i32) (i32.const 1))
  (func (export "proxy_on_done") (param i32) (result i32) (i32.const 1))
  (func (export "proxy_on_delete") (param i32))

  (func (export "proxy_on_configure") (param $context i32) (param $size i32) (result i32)
    (drop (call $buffer (i32.const 7) (i32.const 0) (local.get $size) (i32.const 16) (i32.const 20)))
    (global.set $policy (i32.load (i32.const 16)))
    (global.set $policy_size (i32.load (i32.const 20)))
    (global.set $kept (global.get $next))
    ;; The bytes 2 to 5: `defa`.
    (if (i32.eq (i32.load offset=2 align=1 (global.get $policy)) (i32.const 0x61666564))
      (then
        (drop (call $log (i32.const 4) (i32.const 240) (i32.const 36)))
        (return (i32.const 0))))
    (i32.const 1))

  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (i32.store (i32.const 20) (i32.const 0))
    (drop (call $header (i32.const 0) (i32.const 64) (i32.const 6) (i32.const 16) (i32.const 20)))
    (if (i32.load (i32.const 20)) (then unreachable))
    (i32.const 0))

  (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
    (drop (call $set_header (i32.const 2) (i32.const 80) (i32.const 8) (global.get $policy) (global.get $policy_size)))
    (if (i32.eqz (call $property (i32.const 112) (i32.const 34) (i32.const 16) (i32.const 20)))
      (then (drop (call $set_header (i32.const 2) (i32.const 96) (i32.const 8) (i32.load (i32.const 16)) (i32.load (i32.const 20))))))
    (i32.const 0))

  (func (export "proxy_on_log") (param i32)
    (drop (call $set_property (i32.const 160) (i32.const 17) (i32.const 192) (i32.const 30)))))
