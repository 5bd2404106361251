namespace Payments.Sandbox.Tests.Supervision;

/// <summary>As <c>mktemp -d</c> makes them: mode 700, so that no other user may walk through.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("payments-sandbox-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
