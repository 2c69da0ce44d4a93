/** The few storage verbs that Pleat needs, over local files, HDFS and S3. */
package io.pleat.store;
