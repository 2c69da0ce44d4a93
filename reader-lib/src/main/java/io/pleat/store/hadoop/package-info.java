/** Stores over Hadoop file systems: HDFS and whatever else Hadoop serves, and S3 through S3A. */
package io.pleat.store.hadoop;
