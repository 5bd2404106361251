namespace Payments.Architecture.Tests.Reading;

internal enum Layer
{
    None,
    Domain,
    Application,
    Infrastructure,
    Api,
    Sandbox,
}

internal static class Layers
{
    /// <summary>The layer that a namespace or an assembly belongs to.</summary>
    public static Layer Of(string name)
    {
        var parts = name.Split('.');
        return parts is ["Payments", var second, ..] && Enum.TryParse<Layer>(second, out var layer) ? layer : Layer.None;
    }
}
