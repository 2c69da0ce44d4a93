package io.pleat.fold.spark;

import io.pleat.engine.AbstractTestTaskEngine;
import io.pleat.engine.TaskEngine;
import java.io.IOException;
import java.util.Map;

class TestSparkTaskEngine extends AbstractTestTaskEngine {
  @Override
  protected TaskEngine open() throws IOException {
    return SparkTaskEngine.open(Map.of(), 2);
  }
}
