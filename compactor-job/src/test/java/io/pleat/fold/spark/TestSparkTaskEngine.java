package io.pleat.fold.spark;

import io.pleat.engine.AbstractTestTaskEngine;
import io.pleat.engine.TaskEngine;
import java.util.Map;

class TestSparkTaskEngine extends AbstractTestTaskEngine {
  @Override
  protected TaskEngine open() {
    return SparkTaskEngine.open(Map.of(), 2);
  }
}
