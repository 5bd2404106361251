using System.Security.Cryptography;

namespace Payments.Sandbox.Stripe.Pages;

/// <summary>The pages' files, which travel inside the assembly.</summary>
internal static class PageAssets
{
    private static readonly string[] Files = ["checkout.css", "checkout.js", "board.css", "dashboard.js"];

    private static readonly Lazy<string> Hash = new(static () =>
        Convert.ToHexStringLower(SHA256.HashData([.. Files.SelectMany(Bytes)]))[..12]);

    /// <summary>Changes with the assets, so that a browser may keep them for good.</summary>
    public static string Version => Hash.Value;

    public static string Text(string file)
    {
        using var reader = new StreamReader(Open(file));
        return reader.ReadToEnd();
    }

    public static byte[] Bytes(string file)
    {
        using var stream = Open(file);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static Stream Open(string file) =>
        typeof(PageAssets).Assembly.GetManifestResourceStream($"{typeof(PageAssets).Namespace}.{file}")
        ?? throw new FileNotFoundException($"The page asset {file} is not embedded.");
}
