#include "tools/driver/BenchProfile.h"
#include <algorithm>
#include <cstdio>

namespace dlc::driver {
namespace {

/// The least nanoseconds that a call can take, and what sets them.
struct Roof {
  double nanoseconds = 0;
  const char *bound = "";
};

Roof roofOf(const KernelCost &cost, double peak, const MachineLimits &limits) {
  double arithmetic = cost.flops > 0 ? 1e9 * double(cost.flops) / peak : 0;
  double memory = cost.bytes > 0 ? 1e9 * double(cost.bytes) / limits.bytes : 0;
  return arithmetic > memory ? Roof{arithmetic, "arithmetic"} : Roof{memory, "memory"};
}

Json describe(const ArtifactFile &file, const KernelTime &kernel, const MachineLimits &limits) {
  double perCall = kernel.nanoseconds / kernel.calls;
  Json row{{"name", file.artifact.kernelName(kernel.number)},
           {"kind", file.describe(kernel.number).kind()},
           {"calls", kernel.calls},
           {"us", kernel.nanoseconds / 1e3},
           {"tiles", kernel.tiles},
           {"source", sourceOf(file.describe(kernel.number))}};
  if (perCall <= 0)
    return row;
  if (kernel.cost.flops >= 0)
    row["gflops_per_s"] = double(kernel.cost.flops) / perCall;
  if (kernel.cost.bytes >= 0)
    row["gbytes_per_s"] = double(kernel.cost.bytes) / perCall;
  bool bf16 = file.describe(kernel.number).products() == "bf16";
  Roof roof = roofOf(kernel.cost, bf16 ? limits.bf16Flops : limits.flops, limits);
  row["arithmetic"] = bf16 ? "bf16" : "f32";
  row["share_of_roofline"] = roof.nanoseconds / perCall;
  row["bound"] = roof.bound;
  return row;
}

/// The microseconds of a run that a kernel takes beyond the roofline.
double lostBy(const Json &row) {
  return row["us"].get<double>() * std::max(0.0, 1 - row.value("share_of_roofline", 1.0));
}

/// The kernel that loses most, with the reason.
Json fixNext(const Json &rows, double total) {
  const Json *worst = &rows[0];
  for (const Json &row : rows)
    if (lostBy(row) > lostBy(*worst))
      worst = &row;
  double lost = lostBy(*worst);
  char text[256];
  if (lost > 0)
    std::snprintf(text, sizeof text,
                  "%.1f %% of the time, at %.0f %% of the roofline, where %s is the limit; there a "
                  "run would take %.1f %% less",
                  100 * (*worst)["us"].get<double>() / total,
                  100 * worst->value("share_of_roofline", 0.0),
                  worst->value("bound", std::string()).c_str(), 100 * lost / total);
  else
    std::snprintf(
        text, sizeof text,
        "%.1f %% of the time, and no kernel lies below the roofline: only doing less helps",
        100 * (*worst)["us"].get<double>() / total);
  return {{"name", (*worst)["name"]},
          {"kind", (*worst)["kind"]},
          {"source", (*worst)["source"]},
          {"lost_us", lost},
          {"why", text}};
}

std::string text(const Json &row, const char *key) { return row[key].get<std::string>(); }

std::string number(const Json &row, const char *key, double scale = 1,
                   const char *format = "%.2f") {
  char text[32] = "-";
  if (row.contains(key))
    std::snprintf(text, sizeof text, format, scale * row[key].get<double>());
  return text;
}

} // namespace

void describeProfile(const ArtifactFile &file, std::vector<KernelTime> kernels,
                     const MachineLimits &limits, Json &document) {
  std::stable_sort(kernels.begin(), kernels.end(), [](const KernelTime &a, const KernelTime &b) {
    return a.nanoseconds > b.nanoseconds;
  });
  document["roofline"] = {{"gflops_per_s", limits.flops * 1e-9},
                          {"bf16_gflops_per_s", limits.bf16Flops * 1e-9},
                          {"gbytes_per_s", limits.bytes * 1e-9}};
  Json &rows = document["kernels"] = Json::array();
  double total = 0;
  for (const KernelTime &kernel : kernels) {
    rows.push_back(describe(file, kernel, limits));
    total += kernel.nanoseconds / 1e3;
  }
  if (!rows.empty() && total > 0)
    document["fix_next"] = fixNext(rows, total);
}

void printProfile(const Json &document) {
  const Json &rows = document["kernels"], &roofline = document["roofline"];
  std::printf("roofline of this machine with %u thread%s: %.1f GF/s (bf16 %.1f), %.1f GB/s\n",
              document["threads"].get<unsigned>(),
              document["threads"].get<unsigned>() == 1 ? "" : "s",
              roofline["gflops_per_s"].get<double>(), roofline["bf16_gflops_per_s"].get<double>(),
              roofline["gbytes_per_s"].get<double>());
  std::printf("\n%-6s %-10s %6s %10s %6s %8s %8s %6s  %s\n", "kernel", "kind", "calls", "us", "%",
              "GF/s", "GB/s", "roof %", "from");
  double total = 0;
  for (const Json &row : rows)
    total += row["us"].get<double>();
  for (const Json &row : rows)
    std::printf("%-6s %-10s %6.0f %10.2f %6.1f %8s %8s %6s  %s\n", text(row, "name").c_str(),
                text(row, "kind").c_str(), row["calls"].get<double>(), row["us"].get<double>(),
                total > 0 ? 100 * row["us"].get<double>() / total : 0,
                number(row, "gflops_per_s").c_str(), number(row, "gbytes_per_s").c_str(),
                number(row, "share_of_roofline", 100, "%.0f").c_str(), text(row, "source").c_str());
  std::printf("%-6s %-10s %6s %10.2f\n", "all", "", "", total);
  if (!document.contains("fix_next"))
    return;
  const Json &next = document["fix_next"];
  std::string source = text(next, "source");
  std::printf("fix next: %s %s%s%s: %s\n", text(next, "name").c_str(), text(next, "kind").c_str(),
              source.empty() ? "" : " from ", source.c_str(), text(next, "why").c_str());
}

std::string traceOf(const ArtifactFile &file, const std::vector<dlc_trace_event> &events,
                    uint32_t threads) {
  Json rows = Json::array();
  rows.push_back(
      {{"ph", "M"},
       {"name", "process_name"},
       {"pid", 1},
       {"tid", 0},
       {"args", {{"name", std::string(file.artifact.name()) + " (" + file.path + ")"}}}});
  for (uint32_t i = 0; i < threads; ++i)
    rows.push_back({{"ph", "M"},
                    {"name", "thread_name"},
                    {"pid", 1},
                    {"tid", i},
                    {"args", {{"name", i ? "thread " + std::to_string(i) : "caller"}}}});
  int64_t start = INT64_MAX;
  for (const dlc_trace_event &event : events)
    start = std::min(start, event.begin);
  for (const dlc_trace_event &event : events) {
    const proto::Kernel &kernel = file.describe(event.kernel);
    std::string name = file.artifact.kernelName(event.kernel), source = sourceOf(kernel);
    rows.push_back(
        {{"ph", "X"},
         {"name", source.empty() ? name : name + " " + source},
         {"cat", kernel.kind()},
         {"pid", 1},
         {"tid", event.thread},
         {"ts", double(event.begin - start) / 1e3},
         {"dur", double(event.end - event.begin) / 1e3},
         {"args",
          {{"kernel", name}, {"phase", event.phase}, {"tiles", event.tiles}, {"source", source}}}});
  }
  Json document{{"displayTimeUnit", "ns"}, {"traceEvents", std::move(rows)}};
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace dlc::driver
