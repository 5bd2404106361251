namespace Payments.Sandbox.Supervision;

/// <summary>Something the person who started the sandbox can put right; the message says how, and is all they are shown.</summary>
public sealed class SandboxException : Exception
{
    public SandboxException(string message)
        : base(message)
    {
    }

    public SandboxException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public SandboxException()
    {
    }
}
