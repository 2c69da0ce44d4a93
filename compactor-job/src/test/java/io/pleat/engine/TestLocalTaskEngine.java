package io.pleat.engine;

class TestLocalTaskEngine extends AbstractTestTaskEngine {
  @Override
  protected TaskEngine open() {
    return new LocalTaskEngine(3);
  }
}
