package io.pleat.fold;
/** stub */
final class RunRecord { RunRecord(io.pleat.store.Store s, java.util.UUID id) {} void write(java.util.Map<String,Object> a, java.util.Map<String,Object> b) throws java.io.IOException {} }
