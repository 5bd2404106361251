using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.Extensions.FileProviders;

namespace Payments.Api.Edge.Pages;

/// <summary>
/// Which file of <c>wwwroot</c> an address means. In development they are read where they are written, so that an edit
/// shows with the next request; otherwise beside the program, whatever folder it was started in.
/// </summary>
internal sealed class PageFiles(IWebHostEnvironment environment, EdgeOptions edge)
{
    private const string SandboxFolder = "/sandbox";

    private static readonly FrozenDictionary<string, (string Type, bool Compressible)> Types = new Dictionary<string, (string, bool)>(StringComparer.Ordinal)
    {
        [".html"] = ("text/html; charset=utf-8", true),
        [".css"] = ("text/css; charset=utf-8", true),
        [".js"] = ("text/javascript; charset=utf-8", true),
        [".svg"] = ("image/svg+xml", true),
        [".png"] = ("image/png", false),
        [".webp"] = ("image/webp", false),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly IFileProvider files = Provider(environment);
    private readonly ConcurrentDictionary<string, (DateTimeOffset Modified, long Length, PageFile File)> read = new(StringComparer.Ordinal);

    /// <summary>What is shown to a browser where there is nothing.</summary>
    public PageFile? NotFound => Read("/404.html");

    /// <summary>Addresses of pages have no extension: <c>/account</c> is <c>account/index.html</c>, and that itself no address.</summary>
    public PageFile? At(PathString address)
    {
        var path = (address.Value ?? "").TrimEnd('/');
        // No page has an empty part in its address, and the provider of files would read over one: //sandbox is no way around this.
        if (path.Contains("//", StringComparison.Ordinal) || (path.StartsWith(SandboxFolder, StringComparison.OrdinalIgnoreCase) && edge.Sandbox is null))
        {
            return null;
        }

        return Path.GetExtension(path) switch
        {
            "" => Read(path + "/index.html"),
            ".html" => null,
            _ => Read(path == "/assets/site.js" && edge.Sandbox is not null ? SandboxFolder + "/site.js" : path),
        };
    }

    private PageFile? Read(string path)
    {
        if (!Types.TryGetValue(Path.GetExtension(path), out var type) || files.GetFileInfo(path) is not { Exists: true, IsDirectory: false } info)
        {
            return null;
        }

        if (!read.TryGetValue(path, out var known) || known.Modified != info.LastModified || known.Length != info.Length)
        {
            using var stream = info.CreateReadStream();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            known = (info.LastModified, info.Length, new PageFile(content.ToArray(), type.Type, type.Compressible));
            read[path] = known;
        }

        return known.File;
    }

    private static IFileProvider Provider(IWebHostEnvironment environment)
    {
        var beside = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        return !environment.IsDevelopment() && Directory.Exists(beside) ? new PhysicalFileProvider(beside) : environment.WebRootFileProvider;
    }
}
