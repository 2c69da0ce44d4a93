'use strict';
(() => {
  const SHORT = 30;
  const specs = JSON.parse(document.getElementById('charts').textContent);
  const number = new Intl.NumberFormat('en', {maximumFractionDigits: 1});
  const bytes = value => {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
    let unit = 0;
    while (Math.abs(value) >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return number.format(value) + ' ' + units[unit];
  };
  const shown = (value, unit) => unit === 'bytes' ? bytes(value) : number.format(value);
  const short = text => text.length <= SHORT ? text : '\u2026' + text.slice(1 - SHORT);
  const color = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  /** A step between ticks that is a round number of KiB, MiB, ... */
  const step = most => {
    let power = 1;
    while (power * 1024 <= most) {
      power *= 1024;
    }
    for (const factor of [.1, .2, .5, 1, 2, 5, 10, 20, 50, 100, 200]) {
      if (most / (factor * power) <= 6) {
        return factor * power;
      }
    }
    return undefined;
  };

  const valueAxis = spec => {
    const most = Math.max(0, ...spec.series.flatMap(series => series.values));
    const axis = {
      title: {display: true, text: spec.logarithmic ? spec.unit + ' (logarithmic)' : spec.unit},
      stacked: spec.stacked,
      grid: {},
      ticks: {maxRotation: 0, callback: value => shown(value, spec.unit)},
    };
    if (spec.logarithmic) {
      axis.type = 'logarithmic';
      axis.min = .5;
      axis.ticks.callback = value => Number.isInteger(Math.log10(value)) ? number.format(value) : '';
    } else {
      axis.beginAtZero = true;
      if (spec.unit === 'bytes' && most >= 10) {
        axis.ticks.stepSize = step(most);
      } else if (spec.unit !== 'seconds') {
        axis.ticks.precision = 0;
      }
    }
    return axis;
  };

  const options = spec => {
    const labels = {
      stacked: spec.stacked,
      grid: {display: false},
      ticks: {autoSkip: !spec.horizontal, maxRotation: 60, callback(value) { return short(this.getLabelForValue(value)); }},
    };
    const values = valueAxis(spec);
    return {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      indexAxis: spec.horizontal ? 'y' : 'x',
      interaction: {mode: 'index', axis: spec.horizontal ? 'y' : 'x', intersect: false},
      scales: spec.horizontal ? {x: values, y: labels} : {x: labels, y: values},
      plugins: {
        legend: {display: spec.series.length > 1},
        tooltip: {callbacks: {label: item => item.dataset.label + ': ' + shown(item.raw, spec.unit)}},
      },
    };
  };

  const paint = chart => {
    const text = color('text');
    for (const series of chart.data.datasets) {
      series.backgroundColor = series.borderColor = color(series.tone);
    }
    for (const scale of Object.values(chart.options.scales)) {
      scale.ticks.color = text;
      scale.grid.color = color('line');
      if (scale.title) {
        scale.title.color = text;
      }
    }
    chart.options.plugins.legend.labels.color = text;
  };

  const charts = specs.map(spec => {
    const chart = new Chart(document.getElementById('chart-' + spec.id), {
      type: spec.kind,
      data: {
        labels: spec.labels,
        datasets: spec.series.map(series => ({
          label: series.name,
          tone: series.tone,
          data: series.values,
          borderWidth: spec.kind === 'line' ? 2 : 0,
          pointRadius: spec.labels.length > 60 ? 0 : 3,
          maxBarThickness: 40,
        })),
      },
      options: options(spec),
    });
    paint(chart);
    chart.update();
    return chart;
  });

  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const chart of charts) {
      paint(chart);
      chart.update();
    }
  });
})();
